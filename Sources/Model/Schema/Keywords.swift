import APIModel
import JSON
import Patterns

/// The keywords of a schema object (OpenAPI 3.0.3, section 4.7.24), Kubernetes' extensions and
/// ours.
enum Keywords {
    /// Keywords that belong to the place where a schema is used, or only describe.
    static let ofUse: Set<String> = [
        "$ref", "allOf", "description", "title", "default", "example", "externalDocs",
        "deprecated", "readOnly", "writeOnly", "nullable", "x-kubernetes-patch-strategy",
        "x-kubernetes-patch-merge-key", "x-binnacle-immutable", "x-binnacle-optional",
        ProtobufKeywords.number, ProtobufKeywords.keepsZero,
    ]

    private static let ofNode: Set<String> = [
        "type", "format", "properties", "required", "items", "additionalProperties", "enum",
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength",
        "minItems", "maxItems", "pattern", "oneOf", "anyOf", "x-kubernetes-list-type",
        "x-kubernetes-list-map-keys", "x-kubernetes-map-type", "x-kubernetes-int-or-string",
        "x-kubernetes-preserve-unknown-fields", "x-kubernetes-group-version-kind",
        "x-binnacle-format", "x-binnacle-key-format", "x-binnacle-allow-duplicates",
        ProtobufKeywords.json,
    ]

    static let all = ofUse.union(ofNode)

    // MARK: Shape

    static func readShape(of node: SchemaNode, from reader: MemberReader) throws(SchemaError) {
        if try reader.bool("x-kubernetes-int-or-string") == true {
            node.shape = .intOrString
        } else {
            node.shape = try shape(reader)
        }
        if node.shape != .intOrString && node.shape != .any {
            for keyword in ["oneOf", "anyOf"] where reader.object[keyword] != nil {
                throw reader.location.appending(keyword).error("is only read where type is absent")
            }
        }
        node.encoding = try encoding(node.shape, reader)
        node.list = try listRules(reader)
        node.keyFormat = try reader.oneOf("x-binnacle-key-format", ValueFormat.self)
        let mapType = try reader.string("x-kubernetes-map-type")
        guard mapType == nil || mapType == "atomic" || mapType == "granular" else {
            throw reader.location.appending("x-kubernetes-map-type").error(
                "must be atomic or granular")
        }
        node.isAtomic = mapType == "atomic"
    }

    private static func shape(_ reader: MemberReader) throws(SchemaError) -> SchemaNode.Shape {
        switch try reader.string("type") {
        case "object":
            let hasProperties = reader.object["properties"] != nil
            let isMap = reader.object["additionalProperties"]?.object != nil
            return isMap && !hasProperties ? .map : .object
        case "array": return .array
        case "string": return .string
        case "integer": return .integer
        case "number": return .number
        case "boolean": return .boolean
        case nil: return .any
        case let type?:
            throw reader.location.appending("type").error("has no value \"\(type)\"")
        }
    }

    private static func encoding(
        _ shape: SchemaNode.Shape, _ reader: MemberReader
    ) throws(SchemaError) -> Encoding {
        let format = try reader.string("format")
        let isQuantity = try reader.string("x-binnacle-format") == "quantity"
        switch (shape, format) {
        case (.string, nil) where isQuantity: return .quantity
        case (.integer, "int32"): return .int32
        case (.integer, "int64"), (.integer, nil): return .int64
        case (.string, "byte"): return .base64
        case (.string, "date-time"): return .time
        case (.intOrString, "int-or-string"), (.number, "double"), (.number, "float"): return .plain
        case (_, nil): return .plain
        case (_, let format?):
            throw reader.location.appending("format").error("has no value \"\(format)\" here")
        }
    }

    private static func listRules(_ reader: MemberReader) throws(SchemaError) -> ListRules {
        var rules = ListRules()
        rules.kind = try reader.oneOf("x-kubernetes-list-type", ListRules.Kind.self) ?? .atomic
        rules.keys = try reader.strings("x-kubernetes-list-map-keys") ?? []
        rules.allowsDuplicates = try reader.bool("x-binnacle-allow-duplicates") ?? false
        guard (rules.kind == .map) == !rules.keys.isEmpty else {
            throw reader.location.error("x-kubernetes-list-map-keys belong to a list of type map")
        }
        return rules
    }

    // MARK: Constraints

    static func readConstraints(
        of node: SchemaNode, from reader: MemberReader
    ) throws(SchemaError) {
        let rules = Constraints()
        rules.enumeration = try reader.array("enum") ?? []
        rules.minimum = try reader.number("minimum")
        rules.maximum = try reader.number("maximum")
        rules.excludesMinimum = try reader.bool("exclusiveMinimum") ?? false
        rules.excludesMaximum = try reader.bool("exclusiveMaximum") ?? false
        rules.minLength = try reader.int("minLength") ?? 0
        rules.maxLength = try reader.int("maxLength")
        rules.minItems = try reader.int("minItems") ?? 0
        rules.maxItems = try reader.int("maxItems")
        if let source = try reader.string("pattern") {
            do {
                rules.pattern = try RegularExpression(source)
            } catch {
                throw reader.location.appending("pattern").error("\(error)")
            }
        }
        if let name = try reader.string("x-binnacle-format") {
            guard let format = TextFormat(name) else {
                throw reader.location.appending("x-binnacle-format").error(
                    "has no value \"\(name)\"")
            }
            rules.format = format
        }
        if !rules.isEmpty { node.constraints = rules }
    }

    // MARK: Use

    static func readUse(
        of property: SchemaProperty, from reader: MemberReader
    ) throws(SchemaError) {
        property.defaultValue = reader.object["default"]
        property.isImmutable = try reader.bool("x-binnacle-immutable") ?? false
        property.isOptional = try reader.bool("x-binnacle-optional") ?? false
        property.patchMergeKey = try reader.string("x-kubernetes-patch-merge-key")
        try ProtobufKeywords.readUse(of: property, from: reader)
        let strategies = try reader.string("x-kubernetes-patch-strategy") ?? ""
        property.patchStrategies = strategies.split(separator: ",").map(String.init)
        for strategy in property.patchStrategies
        where !["merge", "replace", "retainKeys"].contains(strategy) {
            throw reader.location.appending("x-kubernetes-patch-strategy").error(
                "has no value \"\(strategy)\"")
        }
    }
}
