import APIModel
import Buffers
import JSON
import ObjectTesting
import Schema
import Testing

/// What a message should be read as.
struct ProtobufCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let json: JSONValue
    let write: @Sendable (inout ProtobufWriter) -> Void

    init(
        _ name: String, _ json: JSONValue,
        _ write: @escaping @Sendable (inout ProtobufWriter) -> Void
    ) {
        testDescription = name
        self.json = json
        self.write = write
    }
}

@Suite struct `Protobuf becomes JSON` {
    static let scalars: [ProtobufCase] = [
        ProtobufCase("text", ["title": "Käse"]) { $0.text(1, "Käse") },
        ProtobufCase("int32", ["pages": -7]) { $0.int(2, -7) },
        ProtobufCase("int64", ["copies": .number(JSONNumber(.min))]) { $0.int(3, .min) },
        ProtobufCase("bool", ["lent": true]) { $0.int(4, 1) },
        ProtobufCase("bytes", ["cover": "AP8Q"]) { $0.bytes(6, [0, 255, 16]) },
        ProtobufCase("time", ["due": "2001-09-09T01:46:40Z"]) {
            $0.message(7) { $0.int(1, 1_000_000_000) }
        },
        ProtobufCase("time before 1970", ["due": "1969-12-31T23:59:59Z"]) {
            $0.message(7) { $0.int(1, -1) }
        },
        ProtobufCase("time zero", ["due": "1970-01-01T00:00:00Z"]) {
            $0.message(7) { $0.int(1, 0) }
        },
        ProtobufCase("microseconds", ["seen": "1970-01-01T00:00:01.000002Z"]) {
            $0.message(8) {
                $0.int(1, 1)
                $0.int(2, 2999)
            }
        },
        ProtobufCase("quantity", ["price": "1500m"]) { $0.message(9) { $0.text(1, "1500m") } },
        ProtobufCase("no quantity", ["price": "0"]) { $0.message(9) { _ in } },
        ProtobufCase("integer of two kinds", ["place": 80]) {
            $0.message(10) {
                $0.int(1, 0)
                $0.int(2, 80)
                $0.text(3, "")
            }
        },
        ProtobufCase("text of two kinds", ["place": "http"]) {
            $0.message(10) {
                $0.int(1, 1)
                $0.int(2, 0)
                $0.text(3, "http")
            }
        },
        ProtobufCase("double", ["weight": 0.25]) { $0.double(16, 0.25) },
        ProtobufCase("document", ["notes": ["f:a": [:], ".": [1]]]) {
            $0.message(17) { $0.text(1, #"{"f:a":{},".":[1]}"#) }
        },
    ]

    static let containers: [ProtobufCase] = [
        ProtobufCase("texts", ["tags": ["a", "", "b"]]) {
            for tag in ["a", "", "b"] { $0.text(11, tag) }
        },
        ProtobufCase("scattered texts", ["tags": ["a", "b"], "title": "t"]) {
            $0.text(11, "a")
            $0.text(1, "t")
            $0.text(11, "b")
        },
        ProtobufCase("integers", ["years": [1999, 0]]) {
            $0.int(12, 1999)
            $0.int(12, 0)
        },
        ProtobufCase(
            "packed numbers", ["years": [300, -1], "flags": [true, false], "sizes": [0.5]]
        ) {
            $0.message(12) {
                $0.varint(300)
                $0.varint(.max)
            }
            $0.bytes(22, [1, 0])
            $0.bytes(23, [0, 0, 0, 0, 0, 0, 0xE0, 0x3F])
        },
        ProtobufCase("map of texts", ["labels": ["a": "1", "": "", "b": ""]]) {
            $0.entry(13, "a") { $0.text(2, "1") }
            $0.message(13) { _ in }
            $0.entry(13, "b") { _ in }
        },
        ProtobufCase("map of bytes", ["blobs": ["a": "Zg==", "b": ""]]) {
            $0.entry(14, "a") { $0.text(2, "f") }
            $0.entry(14, "b") { $0.text(2, "") }
        },
        ProtobufCase("map of quantities", ["prices": ["cpu": "100m"]]) {
            $0.entry(15, "cpu") { $0.message(2) { $0.text(1, "100m") } }
        },
        ProtobufCase("messages", ["parts": [["name": "a", "count": 2], [:]]]) {
            $0.message(200) {
                $0.text(1, "a")
                $0.int(2, 2)
            }
            $0.message(200) { _ in }
        },
        ProtobufCase("message", ["inner": ["title": "t", "inner": [:]]]) {
            $0.message(19) {
                $0.text(1, "t")
                $0.message(19) { _ in }
            }
        },
        ProtobufCase("hidden messages", ["author": "a", "publisher": "p"]) {
            $0.message(18) {
                $0.text(1, "a")
                $0.message(2) { $0.text(3, "p") }
            }
        },
    ]

    static let absences: [ProtobufCase] = [
        ProtobufCase("zeros that stand for nothing", [:]) {
            $0.text(1, "")
            $0.int(2, 0)
            $0.int(4, 0)
            $0.bytes(6, [])
            $0.double(16, 0)
            $0.message(18) { $0.text(1, "") }
        },
        ProtobufCase("zeros that are meant", ["copies": 0, "lost": false, "subtitle": ""]) {
            $0.int(3, 0)
            $0.int(5, 0)
            $0.text(21, "")
        },
        ProtobufCase("a zero of two kinds", ["place": 0]) { $0.message(10) { $0.int(1, 0) } },
        ProtobufCase("times that are not set", [:]) {
            $0.message(7) { _ in }
            $0.message(8) { _ in }
        },
        ProtobufCase("no document", [:]) { $0.message(17) { _ in } },
        ProtobufCase("fields that are not known", ["title": "t"]) {
            $0.int(99, 7)
            $0.message(18) { $0.text(9, "x") }
            $0.double(1000, 1)
            $0.tag(536_870_911, 5)
            for _ in 0..<4 { $0.varint(0) }
            $0.text(1, "t")
        },
        ProtobufCase("scalars sent twice", ["title": "b"]) {
            $0.text(1, "a")
            $0.int(2, 7)
            $0.text(1, "b")
            $0.int(2, 0)
        },
        ProtobufCase("a message sent in two parts", ["inner": ["title": "t", "pages": 1]]) {
            $0.message(19) { $0.text(1, "t") }
            $0.message(19) { $0.int(2, 1) }
        },
        ProtobufCase("a key sent twice", ["labels": ["a": "2"]]) {
            $0.entry(13, "a") { $0.text(2, "1") }
            $0.entry(13, "a") { $0.text(2, "2") }
        },
    ]

    @Test(arguments: scalars + containers + absences)
    func `each form as Go's encoder would write it`(_ example: ProtobufCase) throws {
        #expect(try CardDocuments.read(example.write) == example.json)
    }

    @Test func `kind and apiVersion come from the envelope and stand first`() throws {
        let bytes = ProtobufWriter.envelope(ProtobufWriter.message { $0.text(1, "t") })
        let value = try CardDocuments.registry().decodeProtobuf(
            Bytes(bytes), expecting: CardDocuments.kind)
        #expect(value.description == #"{"kind":"Card","apiVersion":"library/v1","title":"t"}"#)
    }

    @Test(arguments: [("", ""), ("Card", "library/v2"), ("Card", "a/b/c")])
    func `an object of no kind or another version is read as what is expected`(
        kind: String, apiVersion: String
    ) throws {
        let bytes = ProtobufWriter.envelope(
            kind: kind, apiVersion: apiVersion, ProtobufWriter.message { $0.text(1, "t") })
        let value = try CardDocuments.registry().decodeProtobuf(
            Bytes(bytes), expecting: CardDocuments.kind)
        #expect(value["apiVersion"]?.string == (apiVersion.isEmpty ? "library/v1" : apiVersion))
        #expect(value["kind"] == "Card")
        #expect(value["title"] == "t")
    }

    @Test func `an envelope without an object holds an empty one`() throws {
        let value = try CardDocuments.registry().decodeProtobuf(
            Bytes("k8s\0"), expecting: CardDocuments.kind)
        #expect(value == ["kind": "Card", "apiVersion": "library/v1"])
    }

    @Test func `another kind is read as that kind`() throws {
        let registry = try CardDocuments.registry()
        let bytes = ProtobufWriter.envelope(ProtobufWriter.message { $0.text(1, "t") })
        let shelf = GroupVersionKind(group: "library", version: "v1", kind: "Shelf")
        let value = try registry.decodeProtobuf(Bytes(bytes), expecting: shelf)
        #expect(value["kind"] == "Card")
        #expect(value["title"] == "t")
    }

    /// Copying what is there for each part would take minutes.
    @Test func `a message in very many parts is put together`() throws {
        let count = 50_000
        let value = try CardDocuments.read { card in
            for part in 0..<count {
                card.message(19) { inner in
                    inner.text(11, "\(part)")
                    inner.entry(13, "\(part)") { $0.text(2, "x") }
                }
            }
        }
        #expect(value["inner"]?["tags"]?.array?.count == count)
        #expect(value["inner"]?["labels"]?.object?.count == count)
    }
}
