// The built-in kinds.

import APIModel
import Buffers
import COpenAPI
import JSON
import Schema

/// Why there is no catalog: the documents that are compiled in are wrong.
public enum CatalogError: Error, Sendable, CustomStringConvertible {
    case notJSON(document: String, JSONError)
    case schema(SchemaError)
    /// A resource names a schema that is not there.
    case noSchema(resource: String)
    /// A column asks for a cell that the kind's strategy cannot compute.
    case noCell(resource: String, cell: String)
    /// Objects are to be stored as those of a resource that is not there, or that is stored as
    /// another one itself.
    case noStorage(resource: String, storedAs: String)
    /// Objects are stored in another version, and nothing converts them.
    case noConverter(resource: String)

    public var description: String {
        switch self {
        case .notJSON(let document, let error): "\(document): \(error)"
        case .schema(let error): "\(error)"
        case .noSchema(let resource): "\(resource): there is no schema"
        case .noCell(let resource, let cell): "\(resource): there is no cell \(cell)"
        case .noStorage(let resource, let storedAs): "\(resource): nothing is stored as \(storedAs)"
        case .noConverter(let resource): "\(resource): nothing converts from what is stored"
        }
    }
}

/// Every kind of object that the server knows. Immutable.
public struct Catalog: Sendable {
    public let registry: SchemaRegistry
    /// In the order of the documents.
    public let resources: [Resource]
    /// Those whose objects are kept, each once, in the version in which they are stored.
    public var storedResources: [Resource] {
        resources.filter { !$0.definition.isVirtual && $0.conversion == nil }
    }
    /// Further versions of those.
    public var convertedResources: [Resource] { resources.filter { $0.conversion != nil } }
    /// Those whose objects are answered where they are created.
    public var virtualResources: [Resource] { resources.filter(\.definition.isVirtual) }
    private let indexes: [GroupVersionResource: Int]

    /// Pairs each resource of `registry` with its strategy, and those that are stored in another
    /// version with their converter. A version that is converted within its group has the rules of
    /// the stored one.
    /// - Throws: everything but `notJSON` and `schema`, for documents that do not fit the code.
    public init(
        registry: SchemaRegistry, strategies: [GroupKind: any Strategy],
        converters: [GroupVersionKind: any Converter] = [:]
    ) throws(CatalogError) {
        self.registry = registry
        var resources: [Resource] = []
        var indexes: [GroupVersionResource: Int] = [:]
        let assembly = ResourceAssembly(
            registry: registry, strategies: strategies, converters: converters)
        for definition in registry.resources {
            let resource = try assembly.resource(definition)
            if let cell = resource.unknownCell {
                throw .noCell(resource: definition.plural, cell: cell)
            }
            indexes[definition.groupVersionResource] = resources.count
            resources.append(resource)
        }
        self.resources = resources
        self.indexes = indexes
    }

    /// The kinds of the documents that are compiled in.
    /// - Throws: `CatalogError` when they cannot be read or do not fit the code.
    public static func builtIn() throws(CatalogError) -> Catalog {
        var documents: [JSONValue] = []
        for (name, bytes) in embeddedDocuments() {
            do {
                documents.append(try JSONValue(parsing: bytes))
            } catch {
                throw .notJSON(document: name, error)
            }
        }
        do {
            let registry = try SchemaRegistry(documents)
            var strategies = builtInStrategies
            strategies[definitionKind] = DefinitionStrategy(registry: registry)
            return try Catalog(
                registry: registry, strategies: strategies, converters: builtInConverters)
        } catch let error as SchemaError {
            throw .schema(error)
        } catch let error as CatalogError {
            throw error
        } catch {
            preconditionFailure("\(error)")
        }
    }

    /// The same kinds and custom ones.
    public func adding(_ custom: [CustomResource]) -> Catalog {
        Catalog(
            registry: SchemaRegistry(extending: registry, by: custom.map(\.schema)),
            resources: resources + custom.map(\.resource))
    }

    private init(registry: SchemaRegistry, resources: [Resource]) {
        self.registry = registry
        self.resources = resources
        let names = resources.enumerated().map { ($1.definition.groupVersionResource, $0) }
        indexes = Dictionary(names, uniquingKeysWith: { first, _ in first })
    }

    /// The resource of a path such as `/apis/apps/v1/deployments`, or `nil`.
    public func resource(_ name: GroupVersionResource) -> Resource? {
        indexes[name].map { resources[$0] }
    }

    /// The resource of a kind, or `nil`.
    public func resource(for kind: GroupVersionKind) -> Resource? {
        resources.first { $0.definition.groupVersionKind == kind }
    }

    static let definitionKind = GroupKind(
        group: CustomDefinition.group, kind: "CustomResourceDefinition")

    /// The documents that are compiled in, by name.
    static func embeddedDocuments() -> [(name: String, bytes: Bytes)] {
        (0..<openapi_document_count).map { index in
            let document = openapi_document_at(index)
            let buffer = UnsafeRawBufferPointer(start: document.bytes, count: document.byte_count)
            return (String(cString: document.name), Bytes(copying: buffer))
        }
    }
}
