// What the documents say of a schema, read from their JSON and not from what is compiled of it.

import JSON
import Schema

/// A schema as it is used somewhere: with what the place of use adds to it. What has been read of
/// it is kept; so it stays in the task that made it.
public final class UsedSchema {
    public let source: JSONValue
    private let registry: SchemaRegistry
    private var parts: [String: UsedSchema] = [:]

    /// The schema of a kind, or another one that has a name.
    public convenience init(_ registry: SchemaRegistry, named name: String) {
        self.init(registry, ["$ref": .string("#/components/schemas/\(name)")])
    }

    private init(_ registry: SchemaRegistry, _ use: JSONValue) {
        self.registry = registry
        source = Self.resolved(use, registry)
    }

    private static func resolved(_ use: JSONValue, _ registry: SchemaRegistry) -> JSONValue {
        let target = use["$ref"] ?? use["allOf"]?[0]?["$ref"]
        guard let name = target?.string?.split(separator: "/").last,
            var found = registry.source(named: String(name))
        else { return use }
        for (key, value) in use.object ?? [:] where key != "$ref" && key != "allOf" {
            found[key] = value
        }
        if name.hasSuffix(".MicroTime") { found["format"] = "micro-time" }
        return found
    }

    private func part(_ name: String, _ use: JSONValue) -> UsedSchema {
        if let known = parts[name] { return known }
        let part = UsedSchema(registry, use)
        parts[name] = part
        return part
    }

    // MARK: Parts

    /// The members that an object has by name, in the order of the document.
    public private(set) lazy var properties: [(name: String, schema: UsedSchema)] =
        (source["properties"]?.object ?? [:]).map { ($0.key, part(".\($0.key)", $0.value)) }

    /// The schema of a member: that of its name, or of the values of a map.
    public func member(_ name: String) -> UsedSchema? {
        if properties.isEmpty { return mapValue }
        return properties.first { $0.name == name }?.schema
    }

    public private(set) lazy var mapValue: UsedSchema? = {
        guard let use = source["additionalProperties"], use.object != nil else { return nil }
        return part("{}", use)
    }()

    public private(set) lazy var element: UsedSchema? = source["items"].map { part("[]", $0) }

    public private(set) lazy var required = texts("required")

    // MARK: Lists

    /// How strategic merge patch treats the member: some of `merge`, `replace`, `retainKeys`.
    public private(set) lazy var patchStrategies =
        source["x-kubernetes-patch-strategy"]?.string?.split(separator: ",") ?? []

    public private(set) lazy var patchMergeKey = source["x-kubernetes-patch-merge-key"]?.string

    /// The members that tell the elements of a list apart for server-side apply.
    public private(set) lazy var mapKeys = texts("x-kubernetes-list-map-keys")

    /// Whether no two elements may be equal.
    var isSet: Bool {
        source["x-kubernetes-list-type"] == "set"
            || patchStrategies.contains("merge") && patchMergeKey == nil
    }

    private func texts(_ key: String) -> [String] {
        (source[key]?.array ?? []).compactMap(\.string)
    }
}
