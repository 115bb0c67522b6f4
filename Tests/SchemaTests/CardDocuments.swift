import APIModel
import Buffers
import JSON
import ObjectTesting
import Schema

/// A kind with a property of each form that protobuf has for it.
enum CardDocuments {
    private static func property(
        _ number: JSONValue, _ schema: JSONValue, keepsZero: Bool = false
    ) -> JSONValue {
        var members = schema.object ?? [:]
        members["x-binnacle-protobuf"] = number
        if keepsZero { members["x-binnacle-protobuf-zero"] = true }
        return .object(members)
    }

    private static let string: JSONValue = ["type": "string"]
    private static let bool: JSONValue = ["type": "boolean"]
    private static let int64: JSONValue = ["type": "integer", "format": "int64"]
    private static let byte: JSONValue = ["type": "string", "format": "byte"]

    private static func list(_ items: JSONValue) -> JSONValue { ["type": "array", "items": items] }
    private static func map(_ values: JSONValue) -> JSONValue {
        ["type": "object", "additionalProperties": values]
    }

    private static let properties: JSONObject = [
        "apiVersion": string, "kind": string,
        "title": property(1, string),
        "pages": property(2, ["type": "integer", "format": "int32"]),
        "copies": property(3, int64, keepsZero: true),
        "lent": property(4, bool),
        "lost": property(5, bool, keepsZero: true),
        "cover": property(6, byte),
        "due": property(7, Documents.use("meta.Time")),
        "seen": property(8, Documents.use("meta.MicroTime")),
        "price": property(9, Documents.use("meta.Quantity")),
        "place": property(10, Documents.use("meta.IntOrString")),
        "tags": property(11, list(string)),
        "years": property(12, list(int64)),
        "labels": property(13, map(string)),
        "blobs": property(14, map(byte)),
        "prices": property(15, map(Documents.reference("meta.Quantity"))),
        "weight": property(16, ["type": "number", "format": "double"]),
        "notes": property(17, Documents.use("card.Notes")),
        "author": property([18, 1], string),
        "publisher": property([18, 2, 3], string),
        "inner": property(19, Documents.use("card.Card")),
        "parts": property(200, list(Documents.reference("card.Part"))),
        "subtitle": property(21, string, keepsZero: true),
        "flags": property(22, list(bool)),
        "sizes": property(23, list(["type": "number"])),
    ]

    private static let schemas: JSONObject = [
        "card.Card": [
            "type": "object", "properties": .object(properties),
            "x-kubernetes-group-version-kind": [
                ["group": "library", "version": "v1", "kind": "Card"]
            ],
        ],
        "card.Part": [
            "type": "object",
            "properties": ["name": property(1, string), "count": property(2, int64)],
        ],
        "card.Notes": [
            "type": "object", "x-kubernetes-preserve-unknown-fields": true,
            "x-binnacle-protobuf-json": 1,
        ],
    ]

    static func registry() throws -> SchemaRegistry {
        try SchemaRegistry([Documents.common, Documents.document(schemas)])
    }

    static let kind = GroupVersionKind(group: "library", version: "v1", kind: "Card")

    /// A card written as protobuf, read as JSON without kind and apiVersion.
    static func read(_ write: (inout ProtobufWriter) -> Void) throws -> JSONValue {
        let envelope = ProtobufWriter.envelope(ProtobufWriter.message(write))
        var value = try registry().decodeProtobuf(Bytes(envelope), expecting: kind)
        value["kind"] = nil
        value["apiVersion"] = nil
        return value
    }
}
