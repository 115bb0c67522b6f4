import Buffers
import JSON
import Testing

@Suite struct `The parser` {
    @Test func `reads every kind of value`() throws {
        let text =
            #" { "a" : [ 1 , -2.5e3, "x\n\u00e9\ud83d\ude00/\/" , true, false, null ], "é": {} } "#
        let value = try JSONValue(parsing: Bytes(text))
        #expect(value["a"]?[0] == 1)
        #expect(value["a"]?[1]?.double == -2500)
        #expect(value["a"]?[2] == "x\né😀//")
        #expect(value["a"]?[3] == true)
        #expect(value["a"]?[5] == .null)
        #expect(value["é"] == [:])
    }

    @Test(arguments: [
        ("", 0, "end"), ("  ", 2, "end"), ("{", 1, "end"),
        ("[1,]", 3, "looking for beginning of value"),
        ("{n:1}", 1, "invalid character 'n' looking for beginning of object key string"),
        ("{\"a\" 1}", 5, "after object key"), ("{\"a\":1 \"b\"}", 7, "after object member"),
        ("{\"a\":1,}", 7, "object key string"), ("[1 2]", 3, "after array element"),
        ("1 2", 2, "after the top-level value"), ("tru", 3, "end"), ("trux", 3, "in literal"),
        ("nulll", 4, "after the top-level value"), ("01", 1, "numeric"), ("-", 1, "end"),
        ("-a", 1, "numeric"), ("1.", 2, "end"), ("1.e3", 2, "numeric"), ("1e+", 3, "end"),
        (".5", 0, "beginning of value"), ("+1", 0, "beginning of value"),
        ("\"a\nb\"", 2, "'\\x0a' in string literal"), ("\"\\x\"", 2, "escape code"),
        ("\"\\u12g4\"", 5, "hexadecimal"), ("\"abc", 4, "end"), ("\"\\ud800\"", 1, "surrogate"),
        ("\"ab\\udc00\"", 3, "surrogate"), ("\"\\ud800\\u0041\"", 1, "surrogate"),
        ("'a'", 0, "'\\'' looking"), ("NaN", 0, "beginning of value"), ("/**/1", 0, "value"),
        ("\u{FEFF}1", 0, "'\\xef' looking for beginning of value"), ("\u{A0}1", 0, "value"),
    ])
    func `refuses what is no JSON`(text: String, offset: Int, message: String) {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: Bytes(text)) }
        #expect(error?.offset == offset)
        #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    }

    @Test(
        arguments: [
            ([0x22, 0x61, 0xFF, 0x22], 2), ([0x22, 0xC0, 0xAF, 0x22], 1),
            ([0x22, 0xE2, 0x82, 0x22], 1),
            ([0x22, 0xED, 0xA0, 0x80, 0x22], 1), ([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], 1),
            ([0x22, 0x5C, 0x6E, 0xC3, 0xA9, 0x80, 0x22], 5),
        ] as [([UInt8], Int)])
    func `refuses bytes that are not UTF-8`(bytes: [UInt8], offset: Int) {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: Bytes(bytes)) }
        #expect(error?.kind == .invalidUTF8)
        #expect(error?.offset == offset)
    }

    @Test func `names line and column`() {
        let error = #expect(throws: JSONError.self) {
            try JSONValue(parsing: "{\n  \"a\": 1,\n  b\n}")
        }
        #expect(error?.line == 3 && error?.column == 3 && error?.offset == 14)
        #expect(error?.description.hasSuffix("(line 3, column 3, offset 14)") == true)
    }

    @Test func `goes 128 levels deep and no deeper`() throws {
        func nested(_ depth: Int) -> Bytes {
            Bytes(String(repeating: "[", count: depth) + String(repeating: "]", count: depth))
        }
        _ = try JSONValue(parsing: nested(128))
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: nested(129)) }
        #expect(error?.kind == .tooDeep && error?.offset == 128)
    }

    @Test func `lets the last of duplicate members win and names their paths`() throws {
        let text =
            #"{"spec":{"replicas":1,"replicas":2,"#
            + #""containers":[{"name":"a"},{"name":"b","n\u0061me":"c"}]},"#
            + #""metadata":{"labels":{"app":"x","app":"y"}}}"#
        let parsed = try JSONValue.parse(Bytes(text))
        #expect(
            parsed.duplicates == [
                "spec.replicas", "spec.containers[1].name", "metadata.labels.app",
            ])
        #expect(parsed.value["spec"]?["replicas"] == 2)
        #expect(parsed.value["spec"]?["containers"]?[1] == ["name": "c"])
    }

    @Test func `finds duplicates in a large object`() throws {
        let members = (0..<100).map { "\"a-long-key-\($0 % 99)\":\($0)" }
        let parsed = try JSONValue.parse(Bytes("{" + members.joined(separator: ",") + "}"))
        #expect(parsed.duplicates == ["a-long-key-0"])
        #expect(parsed.value.object?.count == 99)
        #expect(parsed.value["a-long-key-0"] == 99)
        #expect(parsed.value["a-long-key-98"] == 98)
    }

    @Test func `reports a bounded number of duplicates`() throws {
        let text = "{" + Array(repeating: "\"a\":1", count: 500).joined(separator: ",") + "}"
        #expect(try JSONValue.parse(Bytes(text)).duplicates.count == 100)
    }
}

@Suite struct `A number` {
    @Test(arguments: [
        "0", "-0", "1", "-1", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
        "123456789012345678901234567890", "0.1", "1.0", "1e3", "1E-400", "-0.0", "1.50",
    ])
    func `is written as it was read`(lexeme: String) throws {
        #expect(try JSONValue(parsing: Bytes(lexeme)).description == lexeme)
        #expect(JSONNumber(lexeme: lexeme)?.lexeme == lexeme)
    }

    @Test func `compares by value`() throws {
        func number(_ lexeme: String) throws -> JSONNumber {
            try #require(JSONNumber(lexeme: lexeme))
        }
        let equal = [("1", "1.0"), ("10", "1e1"), ("0", "-0"), ("0.10", "1e-1"), ("-5", "-50e-1")]
        for (left, right) in equal {
            #expect(try number(left) == number(right))
            #expect(try number(left).hashValue == number(right).hashValue)
        }
        #expect(try number("9007199254740993") != number("9007199254740992"))
        #expect(try number("9007199254740993.0") == number("9007199254740993"))
        #expect(try number("0.1") != number("0.10000000000000001"))
        #expect(try number("1e99999999999999999999") != number("1e99999999999999999998"))
    }

    @Test func `is an integer only where it is exact`() throws {
        #expect(JSONNumber(lexeme: "1.0")?.int == 1)
        #expect(JSONNumber(lexeme: "1.0")?.isInteger == false)
        #expect(JSONNumber(lexeme: "9223372036854775808")?.int == nil)
        #expect(JSONNumber(lexeme: "-9223372036854775808")?.int == .min)
        #expect(JSONNumber(lexeme: "-9223372036854775809")?.int == nil)
        #expect(JSONNumber(lexeme: "1.5")?.int == nil)
        #expect(JSONNumber(lexeme: "") == nil && JSONNumber(lexeme: "1 ") == nil)
        #expect(JSONNumber(0.5).lexeme == "0.5" && JSONNumber(3.0).lexeme == "3")
        #expect(JSONNumber(1e300).double == 1e300)
    }
}
