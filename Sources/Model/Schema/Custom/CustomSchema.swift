// A schema that a user wrote, compiled to the same nodes as those of the built-in kinds.

import APIModel
import JSON

/// The schema of one version of a custom resource.
public final class CustomSchema: Sendable {
    /// The kinds that were there before.
    let base: SchemaRegistry
    private let nodes: [SchemaNode]
    let root: SchemaNode
    /// The name under which it is published.
    public let name: String
    public let kind: GroupVersionKind
    let listKind: String
    /// As it is published.
    let source: JSONValue

    /// - Parameters:
    ///   - path: where the definition has the schema.
    ///   - base: the built-in kinds.
    /// - Throws: `InvalidSchema` with everything that is wrong.
    public init(
        _ schema: JSONValue, of kind: GroupVersionKind, listKind: String, at path: FieldPath,
        beside base: SchemaRegistry
    ) throws(InvalidSchema) {
        guard let metadata = base.node(named: Self.metadataName) else {
            preconditionFailure("the documents have no \(Self.metadataName)")
        }
        let report = SchemaReport()
        var compiler = StructuralCompiler(metadata: metadata)
        root = compiler.root(CustomSchemaReader(schema, path, report))
        guard report.errors.isEmpty else { throw InvalidSchema(errors: report.errors) }
        nodes = compiler.nodes
        self.base = base
        self.kind = kind
        self.listKind = listKind
        name = Self.name(of: kind)
        source = PublishedSchema.object(schema, kind)
    }

    static let metadataName = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"

    /// `com.example.v1.Widget`
    static func name(of kind: GroupVersionKind) -> String {
        let group = kind.group.split(separator: ".").reversed().joined(separator: ".")
        return "\(group).\(kind.version).\(kind.kind)"
    }

    /// The schema with the kinds beside it, for requests.
    public func schema() -> ObjectSchema {
        let registry = SchemaRegistry(extending: base, by: [self])
        return ObjectSchema(registry: registry, name: name, node: root)
    }
}

/// Everything that is wrong with a schema that a user wrote.
public struct InvalidSchema: Error, Sendable {
    public let errors: [FieldError]
}

/// How the schema of a custom resource is published.
enum PublishedSchema {
    /// The schema of an object.
    static func object(_ schema: JSONValue, _ kind: GroupVersionKind) -> JSONValue {
        var source = schema.object ?? ["type": "object"]
        var properties: JSONObject = source["properties"]?.object ?? JSONObject()
        if !properties.isEmpty || source["x-kubernetes-preserve-unknown-fields"] != true {
            properties["apiVersion"] = text(
                "The group and version in which this object is written, `\(kind.groupVersion)`.")
            properties["kind"] = text("The type of this object, `\(kind.kind)`.")
            properties["metadata"] = [
                "description": "Name, namespace, labels and everything else that all objects have.",
                "allOf": [reference(CustomSchema.metadataName)],
            ]
            source["properties"] = .object(properties)
        }
        source["x-kubernetes-group-version-kind"] = [groupVersionKind(kind)]
        return .object(source)
    }

    /// The schema of a list of objects.
    static func list(of name: String, _ kind: GroupVersionKind, listKind: String) -> JSONValue {
        [
            "description": "A list of \(kind.kind).", "type": "object", "required": ["items"],
            "properties": [
                "apiVersion": text("The group and version of the list."),
                "items": [
                    "description": "The objects.", "type": "array", "items": reference(name),
                ],
                "kind": text("The type of the list."),
                "metadata": [
                    "description": "The revision of the list, and where its next page begins.",
                    "allOf": [reference("io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta")],
                ],
            ],
            "x-kubernetes-group-version-kind": [
                groupVersionKind(kind.groupVersion.kind(listKind))
            ],
        ]
    }

    private static func text(_ description: String) -> JSONValue {
        ["description": .string(description), "type": "string"]
    }

    private static func reference(_ name: String) -> JSONValue {
        ["$ref": .string("#/components/schemas/\(name)")]
    }

    private static func groupVersionKind(_ kind: GroupVersionKind) -> JSONValue {
        [
            "group": .string(kind.group), "kind": .string(kind.kind),
            "version": .string(kind.version),
        ]
    }
}
