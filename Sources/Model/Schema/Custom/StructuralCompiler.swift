// From the schema that a user wrote to nodes: a structural schema, or every reason why it is none.

import APIModel
import JSON

/// Compiles the schema of a custom resource. Inner nodes are complete before the outer ones, so
/// that defaults can be put into defaults.
struct StructuralCompiler {
    private static let types: [String: SchemaNode.Shape] = [
        "object": .object, "array": .array, "string": .string, "integer": .integer,
        "number": .number, "boolean": .boolean,
    ]
    private static let forbiddenKeywords = [
        "$ref", "definitions", "dependencies", "deprecated", "discriminator", "id",
        "patternProperties", "readOnly", "writeOnly", "xml", "additionalItems",
    ]

    /// Describes what all objects have.
    let metadata: SchemaNode
    /// Every node made, so that someone owns them.
    private(set) var nodes: [SchemaNode] = []
    private let text: SchemaNode
    private var depth = 0
    /// How many lists are around whose elements cannot be followed from one state to the next.
    private var uncorrelatableDepth = 0

    init(metadata: SchemaNode) {
        self.metadata = metadata
        text = SchemaNode()
        text.shape = .string
        nodes.append(text)
    }

    // MARK: Root

    /// The node of whole objects.
    mutating func root(_ reader: CustomSchemaReader) -> SchemaNode {
        if reader.string("type") != "object" {
            reader.has("type")
                ? reader.refuse("type", "must be object at the root")
                : reader.require("type", "must be object at the root")
        }
        if reader.bool("nullable") {
            reader.forbid("nullable", "nullable cannot be true at the root")
        }
        checkMetadata(reader)
        return node(reader, place: .root)
    }

    private func checkMetadata(_ reader: CustomSchemaReader) {
        guard let value = reader.object("properties")["metadata"] else { return }
        let metadata = CustomSchemaReader(
            value, reader.path.child("properties").key("metadata"), reader.report)
        let allowed: Set<String> = ["name", "generateName"]
        for (name, _) in metadata.object("properties") where !allowed.contains(name) {
            reader.report.add(
                .forbidden(
                    metadata.path,
                    "must not specify anything other than name and generateName, but metadata is "
                        + "implicitly specified"))
        }
        for keyword in ["default", "x-kubernetes-preserve-unknown-fields"]
        where metadata.has(keyword) {
            metadata.forbid(keyword, "must not be set in top-level metadata")
        }
    }

    // MARK: Nodes

    enum Place: Equatable {
        case root, member, element
        /// Only judged: kind, apiVersion and metadata of whole objects are described elsewhere.
        case metadata
    }

    private mutating func node(_ reader: CustomSchemaReader, place: Place) -> SchemaNode {
        depth += 1
        defer { depth -= 1 }
        let node = SchemaNode()
        nodes.append(node)
        guard depth <= Limits.customSchemaDepthMax else {
            reader.report.add(
                .forbidden(reader.path, "nests deeper than \(Limits.customSchemaDepthMax)"))
            return node
        }
        guard reader.isSchema else { return node }
        for keyword in Self.forbiddenKeywords where reader.has(keyword) {
            reader.forbid(keyword, "must not be set")
        }
        if reader.bool("uniqueItems") {
            reader.forbid(
                "uniqueItems",
                "uniqueItems cannot be set to true since the runtime "
                    + "complexity becomes quadratic")
        }
        node.shape = shape(reader, place)
        node.constraints = reader.constraints()
        fill(node, reader, place)
        ListRuleReader(reader).apply(to: node)
        let isEmbedded = reader.bool("x-kubernetes-embedded-resource")
        if isEmbedded || place == .root { addObjectMembers(to: node) }
        if isEmbedded { checkEmbedded(reader) }
        addRules(to: node, reader, isEmbedded: isEmbedded, isWhole: isEmbedded || place == .root)
        SchemaLinker.update(node)
        return node
    }

    private func addRules(
        to node: SchemaNode, _ reader: CustomSchemaReader, isEmbedded: Bool, isWhole: Bool
    ) {
        let custom = CustomRules(
            isNullable: reader.bool("nullable"), isEmbedded: isEmbedded,
            condition: ConditionCompiler(structure: reader).junctions())
        node.custom = custom
        if node.shape == .object, !node.properties.isEmpty {
            custom.objectType = node.makeObjectType(isWhole: isWhole)
        }
        custom.rules = RuleReader(
            reader: reader, node: node, isCorrelatable: uncorrelatableDepth == 0
        ).rules()
        let below = node.properties.map(\.node) + (node.element.map { [$0] } ?? [])
        custom.hasRules =
            !custom.rules.isEmpty || below.contains { $0.custom?.hasRules ?? false }
    }

    private func shape(_ reader: CustomSchemaReader, _ place: Place) -> SchemaNode.Shape {
        let isIntOrString = reader.bool("x-kubernetes-int-or-string")
        guard let name = reader.string("type"), !name.isEmpty else {
            if isIntOrString { return .intOrString }
            if !reader.bool("x-kubernetes-preserve-unknown-fields"), place != .root {
                reader.require(
                    "type",
                    place == .element
                        ? "must not be empty for specified array items"
                        : "must not be empty for specified object fields")
            }
            return reader.has("properties") || place == .root ? .object : .any
        }
        if isIntOrString { reader.refuse("type", "must be empty with x-kubernetes-int-or-string") }
        guard let shape = Self.types[name] else {
            reader.report.add(
                .notSupported(
                    reader.path.child("type"), .string(name), supported: Self.types.keys.sorted()))
            return .any
        }
        return shape
    }

    private mutating func fill(
        _ node: SchemaNode, _ reader: CustomSchemaReader, _ place: Place
    ) {
        let keepsUnknown = reader.bool("x-kubernetes-preserve-unknown-fields")
        if reader.members["x-kubernetes-preserve-unknown-fields"] == false {
            reader.refuse(
                "x-kubernetes-preserve-unknown-fields", "must be true or undefined")
        }
        node.keepsUnknown = keepsUnknown
        switch node.shape {
        case .object: fillObject(node, reader)
        case .array:
            if let items = reader.schema("items") {
                let isMap = reader.string("x-kubernetes-list-type") == "map"
                if !isMap { uncorrelatableDepth += 1 }
                node.element = self.node(items, place: .element)
                if !isMap { uncorrelatableDepth -= 1 }
            } else {
                reader.require("items", "must be specified")
            }
        default: break
        }
    }

    private mutating func fillObject(_ node: SchemaNode, _ reader: CustomSchemaReader) {
        node.requiredNames = reader.strings("required")
        switch reader.members["additionalProperties"] {
        case .bool(true)?: node.keepsUnknown = true
        case .bool(false)?:
            reader.forbid(
                "additionalProperties", "additionalProperties cannot be set to false")
        case nil, .null?: break
        default:
            if reader.has("properties") {
                reader.forbid(
                    "additionalProperties",
                    "additionalProperties and properties are mutual exclusive")
            }
            if let values = reader.schema("additionalProperties") {
                node.shape = .map
                node.element = self.node(values, place: .member)
            }
            return
        }
        for (name, schema) in reader.namedSchemas("properties") {
            node.properties.append(property(name, schema))
        }
        complete(node)
    }

    private func complete(_ node: SchemaNode) {
        node.names = NameTable(node.properties.map(\.name))
        node.defaultedProperties = node.properties.filter { $0.defaultValue != nil }
        for name in node.requiredNames { node.property(name)?.isRequired = true }
    }

    private mutating func property(
        _ name: String, _ reader: CustomSchemaReader
    ) -> SchemaProperty {
        let property = SchemaProperty(name: name, node: node(reader, place: .member))
        if let value = reader.members["default"] {
            property.defaultValue = checkedDefault(value, property.node, reader)
        }
        return property
    }

    /// The default with the defaults of what is in it, after a check that it may stand where it is
    /// put.
    private func checkedDefault(
        _ value: JSONValue, _ node: SchemaNode, _ reader: CustomSchemaReader
    ) -> JSONValue? {
        let path = reader.path.child("default")
        if value.isNull, !node.isNullable {
            reader.report.add(.invalid(path, value, "must not be null without nullable"))
            return nil
        }
        var pruned = value
        if let field = PruneWalk.prune(&pruned, node).first {
            reader.report.add(.invalid(path, value.shape, "must not have unknown fields: \(field)"))
        }
        Defaulting.apply(&pruned, node)
        var walk = ValidationWalk(path)
        walk.validate(pruned, node)
        for error in walk.errors { reader.report.add(error) }
        return pruned
    }

    // MARK: Whole objects

    private mutating func addObjectMembers(to node: SchemaNode) {
        node.properties.removeAll { ["kind", "apiVersion", "metadata"].contains($0.name) }
        node.properties += [
            SchemaProperty(name: "apiVersion", node: text),
            SchemaProperty(name: "kind", node: text),
            SchemaProperty(name: "metadata", node: metadata),
        ]
        complete(node)
    }

    private func checkEmbedded(_ reader: CustomSchemaReader) {
        if reader.string("type") != "object" {
            reader.refuse("type", "must be object if x-kubernetes-embedded-resource is true")
        }
        if !reader.bool("x-kubernetes-preserve-unknown-fields"), !reader.has("properties") {
            reader.require(
                "properties",
                "must not be empty if x-kubernetes-embedded-resource is true without "
                    + "x-kubernetes-preserve-unknown-fields")
        }
    }
}
