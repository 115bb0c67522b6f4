import APIModel
import JSON

/// Turns the schemas of all documents into nodes that refer to one another.
struct SchemaCompiler {
    /// A schema of a document.
    struct Source {
        let value: JSONValue
        let location: Location
    }

    let sources: [String: Source]
    /// Every node made, so that someone owns them.
    private(set) var nodes: [SchemaNode] = []
    private(set) var named: [String: SchemaNode] = [:]
    /// Properties with a default, each with its node's place in the documents.
    private(set) var defaults: [(property: SchemaProperty, location: Location)] = []

    init(_ sources: [String: Source]) throws(SchemaError) {
        self.sources = sources
        for name in sources.keys { named[name] = makeNode() }
        for (name, source) in sources {
            guard let node = named[name] else { continue }
            try fill(node, source.value, at: source.location, depth: 0)
            if node.encoding == .time && name.hasSuffix(".MicroTime") { node.encoding = .microTime }
        }
    }

    private mutating func makeNode() -> SchemaNode {
        let node = SchemaNode()
        nodes.append(node)
        return node
    }

    // MARK: References

    /// The node for the schema of a property, of elements or of a map's values.
    private mutating func node(
        for schema: JSONValue, at location: Location, depth: Int
    ) throws(SchemaError) -> SchemaNode {
        let reader = try MemberReader(schema, at: location)
        if let name = try Reference.name(in: reader) {
            guard let target = named[name] else {
                throw location.error("there is no schema called \(name)")
            }
            let isPlain = reader.object.members.allSatisfy { Keywords.ofUse.contains($0.key) }
            if isPlain { return target }
        }
        let node = makeNode()
        try fill(node, schema, at: location, depth: depth + 1)
        if try Reference.name(in: reader)?.hasSuffix(".MicroTime") == true {
            node.encoding = .microTime
        }
        return node
    }

    /// The schema with the one that it refers to laid under it.
    private func flattened(
        _ schema: JSONValue, at location: Location, depth: Int
    ) throws(SchemaError) -> JSONObject {
        let reader = try MemberReader(schema, at: location)
        guard let name = try Reference.name(in: reader) else { return reader.object }
        guard depth < Limits.referenceDepthMax else {
            throw location.error("refers to itself")
        }
        guard let source = sources[name] else {
            throw location.error("there is no schema called \(name)")
        }
        var merged = try flattened(source.value, at: source.location, depth: depth + 1)
        for (key, value) in reader.object where key != "$ref" && key != "allOf" {
            merged[key] = value
        }
        return merged
    }

    // MARK: Nodes

    private mutating func fill(
        _ node: SchemaNode, _ schema: JSONValue, at location: Location, depth: Int
    ) throws(SchemaError) {
        guard depth < Limits.referenceDepthMax else { throw location.error("refers to itself") }
        let object = try flattened(schema, at: location, depth: depth)
        let reader = MemberReader(object, at: location)
        try reader.require(onlyKnown: Keywords.all)
        try Keywords.readShape(of: node, from: reader)
        try Keywords.readConstraints(of: node, from: reader)
        switch node.shape {
        case .object: try fillProperties(of: node, reader, depth: depth)
        case .map:
            let values = try reader.value("additionalProperties")
            node.element = try self.node(
                for: values, at: location.appending("additionalProperties"), depth: depth)
        case .array:
            let items = try reader.value("items")
            node.element = try self.node(
                for: items, at: location.appending("items"), depth: depth)
        default: break
        }
    }

    private mutating func fillProperties(
        of node: SchemaNode, _ reader: MemberReader, depth: Int
    ) throws(SchemaError) {
        let location = reader.location.appending("properties")
        for (name, schema) in try reader.object("properties") ?? [:] {
            let place = location.appending(name)
            let property = SchemaProperty(
                name: name, node: try self.node(for: schema, at: place, depth: depth))
            try Keywords.readUse(of: property, from: try MemberReader(schema, at: place))
            if property.defaultValue != nil { defaults.append((property, place)) }
            node.properties.append(property)
        }
        node.names = NameTable(node.properties.map(\.name))
        try ProtobufKeywords.readShape(of: node, from: reader)
        node.defaultedProperties = node.properties.filter { $0.defaultValue != nil }
        node.requiredNames = try reader.strings("required") ?? []
        for name in node.requiredNames {
            guard let property = node.property(name) else {
                throw reader.location.appending("required").error("there is no property \(name)")
            }
            property.isRequired = true
        }
        let extra = reader.object["additionalProperties"]
        if extra?.object != nil {
            throw reader.location.error("has both properties and additionalProperties")
        }
        node.keepsUnknown =
            try reader.bool("x-kubernetes-preserve-unknown-fields") ?? (extra == true)
            || node.properties.isEmpty
    }
}

/// References between schemas.
enum Reference {
    private static let prefix = "#/components/schemas/"

    /// The schema that `$ref`, or an `allOf` of one `$ref`, leads to.
    static func name(in reader: MemberReader) throws(SchemaError) -> String? {
        var reader = reader
        if let all = try reader.array("allOf") {
            guard all.count == 1, reader.object["$ref"] == nil else {
                throw reader.location.appending("allOf").error("must hold one $ref")
            }
            reader = try MemberReader(all[0], at: reader.location.appending("allOf").appending("0"))
            guard reader.object.count == 1, reader.object["$ref"] != nil else {
                throw reader.location.error("must be a $ref and nothing else")
            }
        }
        guard let reference = try reader.string("$ref") else { return nil }
        guard reference.hasPrefix(prefix) else {
            throw reader.location.appending("$ref").error("must begin with \(prefix)")
        }
        return String(reference.dropFirst(prefix.count))
    }

    /// The names of all schemas that `schema` refers to, at any depth of the value.
    static func names(in schema: JSONValue, _ found: inout Set<String>) {
        switch schema {
        case .array(let elements):
            for element in elements { names(in: element, &found) }
        case .object(let object):
            for member in object.members {
                if member.key == "$ref", let text = member.value.string, text.hasPrefix(prefix) {
                    found.insert(String(text.dropFirst(prefix.count)))
                } else {
                    names(in: member.value, &found)
                }
            }
        default: break
        }
    }
}
