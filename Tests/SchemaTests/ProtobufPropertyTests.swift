import APIModel
import Buffers
import JSON
import ObjectTesting
import Schema
import SeedTesting
import Testing

/// A message and what it stands for, made together.
private struct RandomCard {
    private(set) var writer = ProtobufWriter()
    private(set) var json = JSONObject()

    init(_ random: inout SeededGenerator, depth: Int = 0) {
        var numbers = Array(1...19) + [20, 21, 99]
        numbers.shuffle(using: &random)
        for number in numbers.prefix(Int.random(in: 0...12, using: &random)) {
            add(number, &random, depth)
        }
    }

    private mutating func add(_ number: Int, _ random: inout SeededGenerator, _ depth: Int) {
        switch number {
        case 1, 21: addText(number, &random)
        case 2, 3, 4, 5: addInt(number, &random)
        case 6, 14: addBytes(number, &random)
        case 7: addTime(&random)
        case 11:
            let tags = (0...Int.random(in: 0...30, using: &random)).map { "tag \($0)" }
            for tag in tags { writer.text(11, tag) }
            json["tags"] = .array(tags.map(JSONValue.string))
        case 13: addLabels(&random)
        case 18: addHidden()
        case 19 where depth < 6:
            let inner = RandomCard(&random, depth: depth + 1)
            writer.bytes(19, inner.writer.bytes)
            json["inner"] = .object(inner.json)
        default: writer.text(900, "of a later version")
        }
    }

    private mutating func addText(_ number: Int, _ random: inout SeededGenerator) {
        let text = ["", "a", "Müsli\n", String(repeating: "x", count: 300)]
            .randomElement(using: &random)!
        writer.text(number, text)
        if number == 21 || !text.isEmpty {
            json[number == 1 ? "title" : "subtitle"] = .string(text)
        }
    }

    private mutating func addInt(_ number: Int, _ random: inout SeededGenerator) {
        let value = [0, 1, -1, 127, 128, .max, .min].randomElement(using: &random)! as Int64
        writer.int(number, value)
        let name = ["pages", "copies", "lent", "lost"][number - 2]
        let isBool = number >= 4
        guard value != 0 || number == 3 || number == 5 else { return }
        json[name] = isBool ? .bool(value != 0) : .number(JSONNumber(value))
    }

    private mutating func addBytes(_ number: Int, _ random: inout SeededGenerator) {
        let bytes = (0..<Int.random(in: 1...7, using: &random)).map { _ in
            UInt8.random(in: 0...255, using: &random)
        }
        let text = JSONValue.string(bytes.withUnsafeBytes { Base64.encode($0) })
        if number == 6 {
            writer.bytes(6, bytes)
            json["cover"] = text
        } else {
            writer.entry(14, "key") { $0.bytes(2, bytes) }
            json["blobs"] = ["key": text]
        }
    }

    private mutating func addTime(_ random: inout SeededGenerator) {
        let seconds = Int64.random(in: -62_135_596_800...253_402_300_799, using: &random)
        writer.message(7) { $0.int(1, seconds) }
        json["due"] = .string(Timestamp(seconds: seconds).description)
    }

    private mutating func addLabels(_ random: inout SeededGenerator) {
        var labels = JSONObject()
        for index in 0...Int.random(in: 0...40, using: &random) {
            let key = "key \(index)"
            writer.entry(13, key) { $0.text(2, "value") }
            labels[key] = "value"
        }
        json["labels"] = .object(labels)
    }

    private mutating func addHidden() {
        writer.message(18) { $0.message(2) { $0.text(3, "press") } }
        json["publisher"] = "press"
    }
}

@Suite struct `For random messages` {
    private func decode(_ registry: SchemaRegistry, _ bytes: [UInt8]) -> JSONValue? {
        try? registry.decodeProtobuf(Bytes(bytes), expecting: CardDocuments.kind)
    }

    @Test func `what was written is what is read`() throws {
        let registry = try CardDocuments.registry()
        var random = SeededGenerator()
        for _ in 0..<1000 {
            let card = RandomCard(&random)
            let read = decode(registry, ProtobufWriter.envelope(card.writer.bytes))
            var expected = card.json
            expected["kind"] = "Card"
            expected["apiVersion"] = "library/v1"
            #expect(read == .object(expected), "seed \(random.seed)")
        }
    }

    @Test func `changed, cut and random bytes never crash, and errors lie within them`() throws {
        let registry = try CardDocuments.registry()
        var random = SeededGenerator()
        print("seed of the changed messages: \(random.seed)")
        var refusalCount = 0
        for _ in 0..<6000 {
            var bytes = ProtobufWriter.envelope(RandomCard(&random).writer.bytes)
            spoil(&bytes, &random)
            do {
                var value = try registry.decodeProtobuf(
                    Bytes(bytes), expecting: CardDocuments.kind)
                try? registry.schema(for: CardDocuments.kind)?.decode(&value)
            } catch {
                refusalCount += 1
                #expect((0...bytes.count).contains(error.offset), "seed \(random.seed)")
            }
        }
        #expect(refusalCount > 1000, "seed \(random.seed)")
    }

    private func spoil(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        switch Int.random(in: 0...3, using: &random) {
        case 0: bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
        case 1:
            bytes = Array("k8s\0".utf8)
            for _ in 0..<Int.random(in: 0...60, using: &random) {
                bytes.append(UInt8.random(in: 0...255, using: &random))
            }
        default:
            for _ in 0...Int.random(in: 0...3, using: &random) {
                let index = Int.random(in: 4..<bytes.count, using: &random)
                bytes[index] = UInt8.random(in: 0...255, using: &random)
            }
        }
    }
}
