import APIModel
import Buffers
import JSON
import Testing

@testable import APIServer

@Suite struct `YAML bodies` {
    @Test(
        arguments: [
            ("a: 1\nb: [x, 'y']", ["a": 1, "b": ["x", "y"]]),
            ("a: &x {b: c}\nd: *x", ["a": ["b": "c"], "d": ["b": "c"]]),
            ("a: yes\nb: 'yes'\nc: null\nd: ''", ["a": true, "b": "yes", "c": .null, "d": ""]),
            ("a: 0x10\nb: 1.50\nc: 2024-01-01", ["a": 16, "b": 1.5, "c": "2024-01-01"]),
        ] as [(String, JSONValue)])
    func `become the values that JSON has`(text: String, value: JSONValue) throws {
        #expect(try YAMLDecoder.decode(Bytes(text), as: "Thing").value == value)
    }

    /// As text files of some systems begin.
    @Test(arguments: [
        "\u{feff}text", "\u{feff}", "\u{feff}\u{feff}", "a\u{feff}", "\u{feff}a\nb\n", "\\uFEFF",
        "\u{e000}\u{feff}",
    ])
    func `keep byte order marks that are part of texts`(text: String) throws {
        let object: JSONValue = ["a": .string(text), "\u{feff}b": [.string(text)]]
        let written = try YAMLEncoder.encode(object.bytes)
        #expect(try YAMLDecoder.decode(written, as: "Thing").value == object)
    }

    @Test(
        arguments: [
            (#"a: "\uFEFFx""#, "\u{feff}x"), (#"a: "\U0000feffx""#, "\u{feff}x"),
            (#"a: "\\uFEFFx""#, #"\uFEFFx"#), (#"a: \uFEFFx"#, #"\uFEFFx"#),
            (#"a: '\uFEFFx'"#, #"\uFEFFx"#), ("a: '\u{feff}x'", "\u{feff}x"),
            ("a: |-\n  \u{feff}x", "\u{feff}x"), ("\u{feff}a: x", "x"),
        ])
    func `tell a byte order mark from what only looks like one`(text: String, value: String) throws
    {
        #expect(try YAMLDecoder.decode(Bytes(text), as: "Thing").value == ["a": .string(value)])
    }

    @Test func `keep a number of any size as it is written`() throws {
        let long = "123456789012345678901234567890"
        let value = try YAMLDecoder.decode(Bytes("a: \(long)"), as: "Thing").value
        #expect(value.description == "{\"a\":\(long)}")
    }

    @Test(
        arguments: [
            ("a: *b", "line 1, column 4: found undefined alias"),
            ("a: 1\nb: 2\na: 3", "key \"a\" already set in map"),
            ("a:\n\tb: c", "line 2, column 1"),
            ("{a: b}: c", "line 1, column 1"),
            (String(repeating: "- ", count: 200), "nested too deeply"),
            ("a: .nan", ".nan is no number"),
        ])
    func `are refused with the place and the reason`(text: String, reason: String) {
        let error = #expect(throws: APIStatus.self) {
            try YAMLDecoder.decode(Bytes(text), as: "Thing")
        }
        #expect(error?.code == 400)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test func `are refused with the byte that is not UTF-8`() {
        var buffer = ByteBuffer()
        buffer.append(literal: "a: '\u{fffd}")
        buffer.append(0xff)
        buffer.append(literal: "'")
        let bytes = buffer.freeze()
        let error = #expect(throws: APIStatus.self) {
            try YAMLDecoder.decode(bytes, as: "Thing")
        }
        #expect(error?.message.hasSuffix("invalid UTF-8 at offset 7") == true)
    }

    @Test func `may not have more aliases of anchors than the limit`() {
        func document(_ count: Int) -> Bytes {
            let aliases = Array(repeating: "*x", count: count).joined(separator: ",")
            return Bytes("a: &x 1\nb: [\(aliases)]")
        }
        #expect(!YAMLAliases.areTooMany(in: document(Limits.yamlAliasCountMax)))
        #expect(YAMLAliases.areTooMany(in: document(Limits.yamlAliasCountMax + 1)))
        let globs = String(repeating: "ls *x; sleep 1 &\n", count: 100)
        #expect(!YAMLAliases.areTooMany(in: Bytes("a: |\n" + globs)))
    }

    @Test func `may not name more bytes through aliases than a body has`() {
        let text = String(repeating: "x", count: Limits.yamlExpandedByteCountMax / 8)
        let aliases = Array(repeating: "*x", count: 8).joined(separator: ",")
        let error = #expect(throws: APIStatus.self) {
            try YAMLDecoder.decode(Bytes("a: &x \(text)\nb: [\(aliases)]"), as: "Thing")
        }
        #expect(error?.message.contains("too large") == true)
    }
}

@Suite struct `Percent escapes of a path` {
    @Test(
        arguments: [
            ("/api/v1/pods", nil), ("/a%2Fb/%e2%82%ac", nil), ("/%", "%"), ("/a%z", "%z"),
            ("/%4", "%4"), ("/%41%4x", "%4x"), ("/%%41", "%%4"),
        ] as [(String, String?)])
    func `must have two hexadecimal digits`(path: String, escape: String?) {
        #expect(PathSegments.malformedEscape(in: Bytes(path)) == escape)
    }

    @Test func `are decoded segment by segment`() {
        var segments = PathSegments("/a%2Fb/c%41")
        #expect(segments.next() == "a/b")
        #expect(segments.next() == "cA")
        #expect(segments.next() == nil)
    }
}
