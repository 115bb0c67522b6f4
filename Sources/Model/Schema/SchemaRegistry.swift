import APIModel
import JSON

/// The schemas of a set of OpenAPI 3.0 documents that refer to one another by name. Each document
/// belongs to a group version, or to none when it holds shared types and no resources. Immutable,
/// and read without locks.
public final class SchemaRegistry: Sendable {
    private let nodes: [SchemaNode]
    private let named: [String: SchemaNode]
    private let kinds: [GroupVersionKind: String]
    private let sources: [String: JSONValue]
    /// What else owns nodes that are named here.
    private let owners: [any Sendable]
    /// The resources that the documents define, in their order.
    public let resources: [ResourceDefinition]
    /// The group versions of the documents, in their order.
    public let groupVersions: [GroupVersion]

    /// - Throws: `SchemaError` for the first thing in the documents that is wrong, unknown or
    ///   contradicts itself.
    public init(_ documents: [JSONValue]) throws(SchemaError) {
        var sources: [String: SchemaCompiler.Source] = [:]
        var resources: [ResourceDefinition] = []
        var groupVersions: [GroupVersion] = []
        for (index, document) in documents.enumerated() {
            let reader = try DocumentReader(document, index)
            try reader.readSchemas(into: &sources)
            resources += try reader.resources()
            if let groupVersion = reader.groupVersion, !groupVersions.contains(groupVersion) {
                groupVersions.append(groupVersion)
            }
        }
        let compiler = try SchemaCompiler(sources)
        try SchemaLinker.link(compiler)
        nodes = compiler.nodes
        named = compiler.named
        kinds = try DocumentReader.kinds(sources)
        self.sources = sources.mapValues(\.value)
        owners = []
        self.resources = resources
        self.groupVersions = groupVersions
        for resource in resources where named[resource.schemaName] == nil {
            throw Location(document: resource.groupVersion.description).error(
                "there is no schema called \(resource.schemaName) for \(resource.plural)")
        }
    }

    /// The schemas of `base` and of custom resources.
    public init(extending base: SchemaRegistry, by schemas: [CustomSchema]) {
        var (named, kinds, sources) = (base.named, base.kinds, base.sources)
        for schema in schemas {
            named[schema.name] = schema.root
            kinds[schema.kind] = schema.name
            sources[schema.name] = schema.source
            sources[schema.name + "List"] = PublishedSchema.list(
                of: schema.name, schema.kind, listKind: schema.listKind)
        }
        nodes = []
        self.named = named
        self.kinds = kinds
        self.sources = sources
        owners = [base] + schemas
        resources = base.resources
        groupVersions = base.groupVersions
    }

    func node(named name: String) -> SchemaNode? { named[name] }

    /// The names of all schemas, sorted.
    public var schemaNames: [String] { sources.keys.sorted() }

    public func schema(named name: String) -> ObjectSchema? {
        named[name].map { ObjectSchema(registry: self, name: name, node: $0) }
    }

    public func schema(for kind: GroupVersionKind) -> ObjectSchema? {
        kinds[kind].flatMap { schema(named: $0) }
    }

    public func schemaName(for kind: GroupVersionKind) -> String? { kinds[kind] }

    /// The schema as its document has it.
    public func source(named name: String) -> JSONValue? { sources[name] }

    /// The names of `roots` and of all schemas that they refer to, directly or not, sorted.
    public func closure(of roots: some Sequence<String>) -> [String] {
        var found: Set<String> = []
        var waiting = Array(roots)
        while let name = waiting.popLast() {
            guard let source = sources[name], found.insert(name).inserted else { continue }
            var references: Set<String> = []
            Reference.names(in: source, &references)
            waiting.append(contentsOf: references.subtracting(found))
        }
        return found.sorted()
    }
}

/// Reads the outer parts of one document.
struct DocumentReader {
    private let reader: MemberReader
    /// `nil` for a document of shared types.
    let groupVersion: GroupVersion?

    init(_ document: JSONValue, _ index: Int) throws(SchemaError) {
        let unnamed = Location(document: "document \(index)")
        let outer = try MemberReader(document, at: unnamed)
        if let stated = try outer.object("x-binnacle-group-version") {
            let inner = MemberReader(stated, at: unnamed.appending("x-binnacle-group-version"))
            groupVersion = GroupVersion(
                group: try inner.requiredString("group"),
                version: try inner.requiredString("version"))
        } else {
            groupVersion = nil
        }
        let name = groupVersion?.description ?? unnamed.document
        reader = try MemberReader(document, at: Location(document: name))
        guard try reader.requiredString("openapi").hasPrefix("3.0") else {
            throw reader.location.appending("openapi").error("must be 3.0")
        }
    }

    func readSchemas(
        into sources: inout [String: SchemaCompiler.Source]
    ) throws(SchemaError) {
        let location = reader.location.appending("components")
        let components = try MemberReader(
            reader.object["components"] ?? [:], at: location)
        for (name, value) in try components.object("schemas") ?? [:] {
            let place = location.appending("schemas").appending(name)
            if let other = sources[name], other.value != value {
                throw place.error("differs from \(other.location.document)'s of the same name")
            }
            sources[name] = SchemaCompiler.Source(value: value, location: place)
        }
    }

    func resources() throws(SchemaError) -> [ResourceDefinition] {
        let location = reader.location.appending("x-binnacle-resources")
        guard let groupVersion else {
            guard try reader.array("x-binnacle-resources")?.isEmpty ?? true else {
                throw location.error("belong to a document with a group version")
            }
            return []
        }
        var resources: [ResourceDefinition] = []
        for (index, value) in (try reader.array("x-binnacle-resources") ?? []).enumerated() {
            let place = location.appending(String(index))
            resources.append(
                try ResourceDefinition(try MemberReader(value, at: place), groupVersion))
        }
        return resources
    }

    /// Which schema describes which kind.
    static func kinds(
        _ sources: [String: SchemaCompiler.Source]
    ) throws(SchemaError) -> [GroupVersionKind: String] {
        var kinds: [GroupVersionKind: String] = [:]
        for (name, source) in sources {
            let outer = try MemberReader(source.value, at: source.location)
            let location = source.location.appending("x-kubernetes-group-version-kind")
            for value in try outer.array("x-kubernetes-group-version-kind") ?? [] {
                let reader = try MemberReader(value, at: location)
                let kind = GroupVersionKind(
                    group: try reader.requiredString("group"),
                    version: try reader.requiredString("version"),
                    kind: try reader.requiredString("kind"))
                if let other = kinds.updateValue(name, forKey: kind) {
                    throw location.error("\(kind) is also described by \(other)")
                }
            }
        }
        return kinds
    }
}
