import Buffers
import JSON
import SeedTesting
import Testing

/// JSON as RFC 8259 has it, written the long way: byte by byte, without blocks.
private func spelled(_ value: JSONValue) -> String {
    switch value {
    case .null: return "null"
    case .bool(let bool): return bool ? "true" : "false"
    case .number(let number): return number.lexeme
    case .string(let string): return quoted(string)
    case .array(let array): return "[" + array.map(spelled).joined(separator: ",") + "]"
    case .object(let object):
        let members = object.map { quoted($0.key) + ":" + spelled($0.value) }
        return "{" + members.joined(separator: ",") + "}"
    }
}

private func quoted(_ string: String) -> String {
    let short: [UInt8: String] = [
        0x22: "\\\"", 0x5C: "\\\\", 0x08: "\\b", 0x09: "\\t", 0x0A: "\\n", 0x0C: "\\f", 0x0D: "\\r",
    ]
    var bytes: [UInt8] = []
    for byte in string.utf8 {
        if let escape = short[byte] {
            bytes += escape.utf8
        } else if byte < 0x20 {
            bytes += ("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16)).utf8
        } else {
            bytes.append(byte)
        }
    }
    return "\"" + String(decoding: bytes, as: UTF8.self) + "\""
}

@Suite struct `The writer` {
    @Test func `escapes at every place of a string of every length`() {
        for count in 0...50 {
            let plain = String(repeating: "x", count: count)
            #expect(JSONValue.string(plain).description == quoted(plain))
            for place in 0..<count {
                for special in ["\"", "\\", "\n", "\u{1}", "\u{1F}", "\u{7F}", "é", "😀"] {
                    var characters = Array(plain)
                    characters[place] = Character(special)
                    let string = String(characters)
                    #expect(JSONValue.string(string).description == quoted(string))
                    #expect(JSONValue.object([string: 1]).description == "{\(quoted(string)):1}")
                }
            }
        }
    }

    @Test func `writes the same wherever its blocks end`() {
        let tail: JSONValue = [
            "a short one", "a string that is longer than sixteen bytes", "quoted \"\n\"", -12345,
            .number(JSONNumber(Int64.min)), 1.5, true, false, .null, [], [:], ["k": ["v"]],
            .string(String(repeating: "long", count: 2000)),
            .string(String(repeating: "\"", count: 5000)),
        ]
        // The writer's block has 4096 bytes.
        for padding in 3960...4110 {
            let value: JSONValue = [.string(String(repeating: "p", count: padding)), tail]
            #expect(value.description == spelled(value), "after \(padding) bytes")
        }
    }

    @Test func `writes random values as the long way does`() {
        var random = SeededGenerator()
        for _ in 0..<400 {
            let value = random.value()
            #expect(value.description == spelled(value), "seed \(random.seed)")
        }
    }

    @Test func `writes strings that a part of another one became`() {
        let whole = "metadata.annotations and so on, \"quoted\""
        for count in 0...whole.utf8.count {
            let part = String(whole.prefix(count))
            #expect(JSONValue.string(part).description == quoted(part))
        }
    }
}
