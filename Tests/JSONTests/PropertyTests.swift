import Buffers
import JSON
import SeedTesting
import Testing

extension SeededGenerator {
    mutating func string() -> String {
        let alphabet = [
            "a", "Z", "0", "\"", "\\", "/", "\n", "\u{0}", "\u{1F}", "\u{7F}", "é", "e\u{301}", "漢",
            "😀", "\u{2028}", " ",
        ]
        let plain = Bool.random(using: &self)
        return (0..<Int.random(in: 0...40, using: &self)).map { _ in
            plain
                ? "k" + String(Int.random(in: 0...9, using: &self))
                : alphabet.randomElement(using: &self)!
        }.joined()
    }

    mutating func value(depth: Int = 0) -> JSONValue {
        switch Int.random(in: 0...(depth < 5 ? 9 : 6), using: &self) {
        case 0: return .null
        case 1: return .bool(.random(using: &self))
        case 2: return .number(JSONNumber(Int64.random(in: .min ... .max, using: &self)))
        case 3: return .number(JSONNumber(Int64.random(in: -100...100, using: &self)))
        case 4: return .number(JSONNumber(Double.random(in: -1e6...1e6, using: &self)))
        case 5, 6: return .string(string())
        case 7:
            return .array(
                (0..<Int.random(in: 0...6, using: &self)).map { _ in value(depth: depth + 1) })
        default:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0...(depth == 0 ? 40 : 6), using: &self) {
                object[string()] = value(depth: depth + 1)
            }
            return .object(object)
        }
    }

    mutating func document() -> JSONValue {
        while true {
            let value = value()
            if value.object != nil || value.array != nil { return value }
        }
    }
}

@Suite struct `For random input` {
    @Test func `what is written reads back the same`() throws {
        var random = SeededGenerator()
        for _ in 0..<400 {
            let value = random.value()
            let bytes = value.bytes
            let parsed = try JSONValue.parse(bytes)
            #expect(parsed.value == value, "seed \(random.seed)")
            #expect(parsed.duplicates.isEmpty, "seed \(random.seed)")
            #expect(parsed.value.bytes == bytes, "seed \(random.seed)")
            #expect(parsed.value.hashValue == value.hashValue, "seed \(random.seed)")
        }
    }

    @Test func `every prefix of a document is an error inside it`() {
        var random = SeededGenerator()
        for _ in 0..<30 {
            let bytes = random.document().bytes
            for count in 0..<min(bytes.count, 600) {
                let error = #expect(throws: JSONError.self, "seed \(random.seed)") {
                    try JSONValue(parsing: bytes[0..<count])
                }
                #expect((0...count).contains(error?.offset ?? -1), "seed \(random.seed)")
            }
        }
    }

    @Test func `damaged bytes are an error with a position, or a value that round-trips`() throws {
        var random = SeededGenerator()
        for _ in 0..<4000 {
            var bytes = random.document().bytes.array
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(
                    in: 0...255, using: &random)
            }
            let damaged = Bytes(bytes)
            switch Result(catching: { () throws(JSONError) in try JSONValue(parsing: damaged) }) {
            case .success(let value):
                #expect(try JSONValue(parsing: value.bytes) == value, "seed \(random.seed)")
            case .failure(let error):
                #expect((0...bytes.count).contains(error.offset), "seed \(random.seed)")
            }
            _ = JSONExtractor(paths: [["k1"], ["a", "b"], []]).extract(from: damaged)
        }
    }

    @Test func `noise never crashes`() {
        var random = SeededGenerator()
        let alphabet = Array("{}[]\",:\\u0129eE+-.truefalsn \n".utf8) + [0, 0xC3, 0xA9, 0xFF]
        let extractor = JSONExtractor(paths: [["a"], ["t", "r"], []])
        for _ in 0..<20_000 {
            let noise = Bytes(
                (0..<Int.random(in: 0...40, using: &random)).map { _ in
                    alphabet.randomElement(using: &random)!
                })
            _ = try? JSONValue(parsing: noise)
            for found in extractor.extract(from: noise) {
                _ = found?.string
                _ = found?.stringMembers
            }
        }
    }

    @Test func `an extractor finds what the parser finds`() throws {
        var random = SeededGenerator()
        for _ in 0..<300 {
            guard case .object(let object) = random.value() else { continue }
            var paths: [[String]] = object.keys.map { [$0] } + [["absent"], []]
            for (key, value) in object {
                paths += (value.object ?? [:]).keys.map { [key, $0] } + [[key, "absent"]]
            }
            paths.shuffle(using: &random)
            let found = JSONExtractor(paths: paths).extract(from: JSONValue.object(object).bytes)
            for (path, extracted) in zip(paths, found) {
                var expected: JSONValue? = .object(object)
                for key in path { expected = expected?[key] }
                #expect(extracted?.value == expected, "seed \(random.seed), path \(path)")
                #expect(extracted?.string == expected?.string, "seed \(random.seed), path \(path)")
            }
        }
    }
}
