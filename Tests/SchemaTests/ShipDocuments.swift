import APIModel
import Buffers
import JSON
import Ownership
import Schema

/// A kind with a list of every type, as a structure (its fields have protobuf numbers) and as what
/// a user defines (they have none).
enum ShipDocuments {
    private static let string: JSONValue = ["type": "string"]

    private static func numbered(_ schema: JSONValue, _ number: Int64) -> JSONValue {
        var schema = schema
        schema["x-binnacle-protobuf"] = .number(JSONNumber(number))
        return schema
    }

    private static let cabin: JSONValue = [
        "type": "object", "required": ["name"],
        "properties": [
            "name": numbered(string, 1), "berths": numbered(["type": "integer"], 2),
            "deck": numbered(["type": "string", "default": "main"], 3),
            "fittings": numbered(
                [
                    "type": "object",
                    "properties": ["colour": numbered(string, 1), "lamp": numbered(string, 2)],
                    "default": [:],
                ], 4),
        ],
    ]

    private static let spec: JSONValue = [
        "type": "object", "required": ["crew"],
        "properties": [
            "port": numbered(string, 1),
            "cabins": numbered(
                [
                    "type": "array", "items": cabin, "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["name", "deck"],
                ], 2),
            "crew": numbered(
                ["type": "array", "items": string, "x-kubernetes-list-type": "set"], 3),
            "log": numbered(["type": "array", "items": string], 4),
            "flags": numbered(
                ["type": "object", "additionalProperties": string], 5),
            "papers": numbered(
                [
                    "type": "object", "additionalProperties": string,
                    "x-kubernetes-map-type": "atomic",
                ], 6),
            "cargo": ["type": "object", "x-kubernetes-preserve-unknown-fields": true],
            "engine": numbered(
                ["type": "object", "properties": ["power": numbered(["type": "integer"], 1)]], 7),
        ],
    ]

    private static let metadata: JSONValue = [
        "type": "object",
        "properties": [
            "name": string, "uid": string,
            "labels": numbered(["type": "object", "additionalProperties": string], 1),
        ],
    ]

    private static let ship: JSONValue = [
        "type": "object",
        "properties": [
            "apiVersion": string, "kind": string, "metadata": numbered(metadata, 1),
            "spec": numbered(spec, 2),
            "status": numbered(
                ["type": "object", "properties": ["place": numbered(string, 1)]], 3),
        ],
        "x-kubernetes-group-version-kind": [
            ["group": "library", "version": "v1", "kind": "Ship"]
        ],
    ]

    /// The same without numbers, as a user's definition has it.
    private static func defined(_ schema: JSONValue) -> JSONValue {
        switch schema {
        case .object(let members):
            var kept = JSONObject()
            for (name, value) in members where name != "x-binnacle-protobuf" {
                kept[name] = defined(value)
            }
            return .object(kept)
        case .array(let elements): return .array(elements.map(defined))
        default: return schema
        }
    }

    static func schema(isStructure: Bool = true) throws -> ObjectSchema {
        let document = Documents.document(["ship": isStructure ? ship : defined(ship)])
        let registry = try SchemaRegistry([document])
        guard let schema = registry.schema(named: "ship") else { preconditionFailure("no ship") }
        return schema
    }

    static let scope = FieldScope.object(hasStatus: true)

    static func attribution(
        _ name: String, _ operation: FieldOwner.Operation, at seconds: Int64 = 0
    ) throws -> FieldAttribution {
        FieldAttribution(
            try schema(), scope,
            owner: FieldOwner(name, operation, apiVersion: "library/v1", subresource: ""),
            now: Timestamp(seconds: seconds))
    }
}

extension ManagedFields {
    /// What a manager owns, as JSON text; `nil` when it owns nothing.
    func fields(of name: String, _ operation: FieldOwner.Operation = .update) -> String? {
        entries.first { $0.owner.name == name && $0.owner.operation == operation }?
            .set.bytes.description
    }
}
