// Schemas that users wrote, and what becomes of values under them.

import APIModel
import Buffers
import JSON
import Testing

@testable import Schema

/// The built-in schemas that custom resources share.
enum SharedMeta {
    static let registry: SchemaRegistry = {
        do {
            return try SchemaRegistry([
                Documents.document([
                    CustomSchema.metadataName: [
                        "type": "object",
                        "properties": [
                            "name": ["type": "string"], "generateName": ["type": "string"],
                            "labels": [
                                "type": "object", "additionalProperties": ["type": "string"],
                            ],
                        ],
                    ],
                    "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta": ["type": "object"],
                ])
            ])
        } catch {
            fatalError("\(error)")
        }
    }()
}

/// A schema whose root has one property, `spec`.
struct CustomCase {
    let schema: ObjectSchema

    /// - Throws: `InvalidSchema`.
    init(spec: JSONValue) throws {
        try self.init(root: ["type": "object", "properties": ["spec": spec]])
    }

    init(root: JSONValue) throws {
        schema = try CustomSchema(
            root, of: GroupVersionKind(group: "example.com", version: "v1", kind: "Thing"),
            listKind: "ThingList", at: FieldPath("s"), beside: SharedMeta.registry
        ).schema()
    }

    /// What is wrong with a schema.
    static func errors(spec: JSONValue) -> [String] { errors { try CustomCase(spec: spec) } }

    static func errors(root: JSONValue) -> [String] { errors { try CustomCase(root: root) } }

    private static func errors(_ make: () throws -> CustomCase) -> [String] {
        do {
            _ = try make()
            return []
        } catch let error as InvalidSchema {
            return error.errors.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    /// An object with this `spec`, as it is stored.
    func stored(_ spec: JSONValue) throws -> JSONValue {
        var object = Self.object(spec)
        try schema.decode(&object)
        _ = schema.prune(&object)
        schema.applyDefaults(&object)
        return object
    }

    /// What is wrong with an object of this `spec`.
    func errors(_ spec: JSONValue, from old: JSONValue? = nil) throws -> [String] {
        let object = try stored(spec)
        let errors =
            try old.map { schema.validate(object, from: try stored($0)) }
            ?? schema.validate(object)
        return errors.map(\.description)
    }

    static func object(_ spec: JSONValue) -> JSONValue {
        [
            "apiVersion": "example.com/v1", "kind": "Thing", "metadata": ["name": "x"],
            "spec": spec,
        ]
    }
}

func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: Bytes(text)) }
