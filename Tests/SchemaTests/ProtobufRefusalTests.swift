import APIModel
import Buffers
import JSON
import ObjectTesting
import Schema
import Testing

/// Bytes of an object, in a correct envelope, and why they are refused.
private struct Refusal: Sendable, CustomTestStringConvertible {
    let reason: String
    let object: [UInt8]

    var testDescription: String { reason }

    init(_ reason: String, _ object: [UInt8]) {
        self.reason = reason
        self.object = object
    }
}

@Suite struct `Bytes that are no message` {
    /// Where an object begins in an envelope without a kind.
    private static let start = 6

    private static func error(_ bytes: [UInt8]) throws -> ProtobufError? {
        let registry = try CardDocuments.registry()
        return #expect(throws: ProtobufError.self) {
            try registry.decodeProtobuf(Bytes(bytes), expecting: CardDocuments.kind)
        }
    }

    private static let objects = [
        Refusal("the number is cut off at byte 7", [0x10, 0x80]),
        Refusal("the number is cut off at byte 6", [0x80]),
        Refusal(
            "the number has more than 64 bits at byte 7",
            [0x10] + [UInt8](repeating: 0xFF, count: 9) + [2]),
        Refusal(
            "the number has more than 64 bits at byte 7",
            [0x10] + [UInt8](repeating: 0x80, count: 11) + [0]),
        Refusal("a length of 5 leads beyond the end at byte 7", [0x0A, 5, 0x61]),
        Refusal(
            "a length of 18446744073709551615 leads beyond the end at byte 7",
            [0x0A] + [UInt8](repeating: 0xFF, count: 9) + [1]),
        Refusal(
            "a length of 3 leads beyond the end at byte 10", [0x9A, 1, 2, 0x0A, 3, 0x0A, 1, 0x61]),
        Refusal("field 1 has wire type varint, not lengthDelimited at byte 7", [0x08, 1]),
        Refusal("field 2 has wire type lengthDelimited, not varint at byte 7", [0x12, 0]),
        Refusal("field 9 has wire type varint, not lengthDelimited at byte 7", [0x48, 1]),
        Refusal("wire type 3 is not read at byte 6", [0x0B]),
        Refusal("wire type 7 is not read at byte 6", [0x0F]),
        Refusal("0 is no field number at byte 6", [0x00]),
        Refusal("the value is cut off at byte 8", [0x81, 1, 0] + [0, 0, 0]),
        Refusal("the text is no UTF-8 at byte 8", [0x0A, 2, 0xC3, 0x28]),
        Refusal("2000000000 ns", [0x3A, 6, 0x10, 0x80, 0xA8, 0xD6, 0xB9, 0x07]),
        Refusal("7 is neither integer nor string at byte 8", [0x52, 2, 0x08, 7]),
        Refusal("in a JSON document at byte 11", [0x8A, 1, 3, 0x0A, 1, 0x7B]),
        Refusal(
            "inf has no JSON form at byte 8", [0x81, 1, 0, 0, 0, 0, 0, 0, 0xF0, 0x7F]),
    ]

    @Test(arguments: objects)
    fileprivate func `what is wrong is told with its place`(_ refusal: Refusal) throws {
        let bytes = Array("k8s\0".utf8) + ProtobufWriter.message { $0.bytes(2, refusal.object) }
        let error = try #require(try Self.error(bytes))
        #expect(error.description.contains(refusal.reason))
        #expect((Self.start...bytes.count).contains(error.offset))
    }

    @Test(arguments: ["", "k8s", "k8s\u{1}", "{}", "\0k8s"])
    func `other bytes are told from messages`(text: String) throws {
        let error = try #require(try Self.error(Array(text.utf8)))
        #expect(error.description == "the mark of a Kubernetes message is missing at byte 0")
    }

    @Test func `a kind that is not known is named`() throws {
        let error = try #require(
            try Self.error(ProtobufWriter.envelope(kind: "Map", apiVersion: "atlas/v1", [])))
        #expect(error.reason == #"no kind "Map" is known in version "atlas/v1""#)
    }

    @Test(arguments: [(3, "gzip", "encoding"), (4, "application/json", "type")])
    func `another content is not read`(number: Int, text: String, name: String) throws {
        let bytes =
            Array("k8s\0".utf8) + ProtobufWriter.message { $0.text(number, text) }
        let error = try #require(try Self.error(bytes))
        #expect(error.reason == "the content \(name) \"\(text)\" is not read")
    }

    @Test func `messages nest a hundred deep and no deeper`() throws {
        func nested(_ depth: Int) -> [UInt8] {
            (0..<depth).reduce([]) { inner, _ in ProtobufWriter.message { $0.bytes(19, inner) } }
        }
        let registry = try CardDocuments.registry()
        _ = try registry.decodeProtobuf(
            Bytes(ProtobufWriter.envelope(nested(99))), expecting: CardDocuments.kind)
        let error = try #require(try Self.error(ProtobufWriter.envelope(nested(100))))
        #expect(error.reason == "messages nest too deeply")
    }
}

@Suite struct `Documents that state fields of messages` {
    private func refusal(_ properties: JSONValue) -> SchemaError? {
        let schema: JSONValue = ["type": "object", "properties": properties]
        let document = Documents.document(["card.Card": schema])
        return #expect(throws: SchemaError.self) { try SchemaRegistry([document]) }
    }

    @Test(arguments: [([1], [1]), ([2, 1], [2, 1]), ([2], [2, 1]), ([2, 1], [2])])
    func `a number may stand only once in a message`(first: [Int64], second: [Int64]) throws {
        func number(_ path: [Int64]) -> JSONValue {
            let numbers = path.map { JSONValue.number(JSONNumber($0)) }
            return numbers.count == 1 ? numbers[0] : .array(numbers)
        }
        let error = try #require(
            refusal([
                "a": ["type": "string", "x-binnacle-protobuf": number(first)],
                "b": ["type": "string", "x-binnacle-protobuf": number(second)],
            ]))
        #expect(error.message == "is the number of another property too")
        #expect(error.pointer.hasSuffix("/properties/b/x-binnacle-protobuf"))
    }

    @Test(arguments: [0, -1, 256, "1", [], [1, 0], ["1"], 1.5, true] as [JSONValue])
    func `a number must be one`(number: JSONValue) throws {
        let error = try #require(refusal(["a": ["type": "string", "x-binnacle-protobuf": number]]))
        #expect(error.message == "must be one or more field numbers")
    }

    @Test func `the numbers are not served`() throws {
        let registry = try CardDocuments.registry()
        let card = try #require(registry.source(named: "card.Card"))
        #expect(card.description.contains("x-binnacle-protobuf"))
        for form in [OpenAPIForm.v2, .v3] {
            #expect(!form.schema(from: card).description.contains("binnacle"))
        }
    }
}
