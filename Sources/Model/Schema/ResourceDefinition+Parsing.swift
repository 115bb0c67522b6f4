import APIModel
import JSON

extension ResourceDefinition {
    private static let members: Set<String> = [
        "plural", "singular", "kind", "listKind", "schema", "namespaced", "shortNames",
        "categories", "nameFormat", "generation", "virtual", "storedAs", "verbs", "subresources",
        "selectableFields", "columns",
    ]

    init(_ reader: MemberReader, _ groupVersion: GroupVersion) throws(SchemaError) {
        try reader.require(onlyKnown: Self.members)
        group = groupVersion.group
        version = groupVersion.version
        plural = try reader.requiredString("plural")
        kind = try reader.requiredString("kind")
        listKind = try reader.string("listKind") ?? kind + "List"
        singular = try reader.string("singular") ?? kind.lowercased()
        schemaName = try reader.requiredString("schema")
        guard let isNamespaced = try reader.bool("namespaced") else {
            throw reader.location.error("namespaced is missing")
        }
        self.isNamespaced = isNamespaced
        shortNames = try reader.strings("shortNames") ?? []
        categories = try reader.strings("categories") ?? []
        nameFormat = try reader.oneOf("nameFormat", ValueFormat.self) ?? .dns1123Subdomain
        hasGeneration = try reader.bool("generation") ?? false
        isVirtual = try reader.bool("virtual") ?? false
        storedAs = try reader.storedResource("storedAs")
        verbs = try reader.strings("verbs")
        selectableFields = try reader.strings("selectableFields") ?? []
        subresources = try reader.list("subresources") { item throws(SchemaError) in
            try Subresource(item, groupVersion)
        }
        columns = try reader.list("columns", Column.init)
        if let field = selectableFields.first(where: { !Self.isDotted($0) }) {
            throw reader.location.appending("selectableFields").error("\"\(field)\" is no path")
        }
    }

    /// The same from its JSON form, as our documents have it.
    /// - Throws: `SchemaError` for what is missing or not known.
    public init(_ json: JSONValue, in groupVersion: GroupVersion) throws(SchemaError) {
        let location = Location(document: groupVersion.description)
        try self.init(try MemberReader(json, at: location), groupVersion)
    }

    private static func isDotted(_ path: String) -> Bool {
        path.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty }
    }
}

extension ResourceDefinition.Subresource {
    private static let members: Set<String> = [
        "name", "group", "version", "kind", "verbs", "specReplicas", "statusReplicas", "selector",
        "connects",
    ]

    fileprivate init(_ reader: MemberReader, _ owner: GroupVersion) throws(SchemaError) {
        try reader.require(onlyKnown: Self.members)
        name = try reader.requiredString("name")
        verbs = try reader.strings("verbs")
        connects = try reader.bool("connects") ?? false
        let group = try reader.string("group")
        let version = try reader.string("version")
        if let kind = try reader.string("kind") {
            groupVersionKind = GroupVersionKind(
                group: group ?? owner.group, version: version ?? owner.version, kind: kind)
        } else {
            guard group == nil, version == nil else {
                throw reader.location.error("group and version belong to a kind")
            }
            groupVersionKind = nil
        }
        let specReplicas = try reader.query("specReplicas")
        let statusReplicas = try reader.query("statusReplicas")
        let selector = try reader.query("selector")
        switch (specReplicas, statusReplicas) {
        case (let spec?, let status?):
            scale = ResourceDefinition.ScalePaths(
                specReplicas: spec, statusReplicas: status, selector: selector)
        case (nil, nil) where selector == nil: scale = nil
        default: throw reader.location.error("specReplicas and statusReplicas go together")
        }
    }
}

extension ResourceDefinition.Column {
    private static let members: Set<String> = [
        "name", "type", "format", "priority", "description", "jsonPath", "path", "cell",
    ]
    private static let types: Set<String> = ["string", "integer", "number", "boolean", "date"]

    fileprivate init(_ reader: MemberReader) throws(SchemaError) {
        try reader.require(onlyKnown: Self.members)
        name = try reader.requiredString("name")
        type = try reader.requiredString("type")
        guard Self.types.contains(type) else {
            throw reader.location.appending("type").error("has no value \"\(type)\"")
        }
        format = try reader.string("format") ?? ""
        priority = try reader.int("priority") ?? 0
        description = try reader.string("description") ?? ""
        let (query, path) = (try reader.query("jsonPath"), try reader.path("path"))
        switch (query, path, try reader.string("cell")) {
        case (let query?, nil, nil): cell = .field(query)
        case (nil, let path?, nil): cell = .path(path)
        case (nil, nil, let name?): cell = .computed(name)
        default: throw reader.location.error("needs one of jsonPath, path and cell")
        }
    }
}

extension MemberReader {
    /// `{"group": "", "version": "v1", "plural": "events"}`
    fileprivate func storedResource(
        _ name: String
    ) throws(SchemaError) -> GroupVersionResource? {
        guard let value = object[name] else { return nil }
        let reader = try MemberReader(value, at: location.appending(name))
        try reader.require(onlyKnown: ["group", "version", "plural"])
        return GroupVersionResource(
            group: try reader.string("group") ?? "", version: try reader.requiredString("version"),
            resource: try reader.requiredString("plural"))
    }

    fileprivate func query(_ name: String) throws(SchemaError) -> FieldQuery? {
        guard let text = try string(name) else { return nil }
        guard let query = FieldQuery(text) else {
            throw location.appending(name).error("\"\(text)\" is no path")
        }
        return query
    }

    fileprivate func path(_ name: String) throws(SchemaError) -> JSONPath? {
        guard let text = try string(name) else { return nil }
        guard let path = JSONPath(text) else {
            throw location.appending(name).error("\"\(text)\" is no path")
        }
        return path
    }

    fileprivate func list<Item>(
        _ name: String, _ read: (MemberReader) throws(SchemaError) -> Item
    ) throws(SchemaError) -> [Item] {
        var items: [Item] = []
        for (index, value) in (try array(name) ?? []).enumerated() {
            let place = location.appending(name).appending(String(index))
            items.append(try read(try MemberReader(value, at: place)))
        }
        return items
    }
}
