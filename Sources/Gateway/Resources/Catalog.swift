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

    public var description: String {
        switch self {
        case .notJSON(let document, let error): "\(document): \(error)"
        case .schema(let error): "\(error)"
        case .noSchema(let resource): "\(resource): there is no schema"
        case .noCell(let resource, let cell): "\(resource): there is no cell \(cell)"
        }
    }
}

/// Every kind of object that the server knows. Immutable.
public struct Catalog: Sendable {
    public let registry: SchemaRegistry
    /// In the order of the documents.
    public let resources: [Resource]
    /// Those whose objects are kept.
    public var storedResources: [Resource] { resources.filter { !$0.definition.isVirtual } }
    /// Those whose objects are answered where they are created.
    public var virtualResources: [Resource] { resources.filter(\.definition.isVirtual) }
    private let indexes: [GroupVersionResource: Int]

    /// Pairs each resource of `registry` with its strategy.
    /// - Throws: `noSchema` and `noCell`, for documents that do not fit the code.
    public init(
        registry: SchemaRegistry, strategies: [GroupKind: any Strategy]
    ) throws(CatalogError) {
        self.registry = registry
        var resources: [Resource] = []
        var indexes: [GroupVersionResource: Int] = [:]
        for definition in registry.resources {
            guard let schema = registry.schema(named: definition.schemaName) else {
                throw .noSchema(resource: definition.plural)
            }
            let strategy = strategies[definition.groupVersionKind.groupKind] ?? PlainStrategy()
            let resource = Resource(definition: definition, schema: schema, strategy: strategy)
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
            return try Catalog(registry: registry, strategies: strategies)
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
    private static func embeddedDocuments() -> [(name: String, bytes: Bytes)] {
        (0..<openapi_document_count).map { index in
            let document = openapi_document_at(index)
            let buffer = UnsafeRawBufferPointer(start: document.bytes, count: document.byte_count)
            return (String(cString: document.name), Bytes(copying: buffer))
        }
    }

    static let builtInStrategies: [GroupKind: any Strategy] = [
        GroupKind(group: "", kind: "ConfigMap"): ConfigMapStrategy(),
        GroupKind(group: "", kind: "Endpoints"): EndpointsStrategy(),
        GroupKind(group: "", kind: "Event"): EventStrategy(),
        GroupKind(group: "", kind: "Namespace"): NamespaceStrategy(),
        GroupKind(group: "", kind: "Node"): NodeStrategy(),
        GroupKind(group: "", kind: "Pod"): PodStrategy(),
        GroupKind(group: "", kind: "ReplicationController"): ReplicationControllerStrategy(),
        GroupKind(group: "", kind: "Secret"): SecretStrategy(),
        GroupKind(group: "", kind: "Service"): ServiceStrategy(),
        GroupKind(group: "", kind: "ServiceAccount"): ServiceAccountStrategy(),
        GroupKind(group: "apps", kind: "Deployment"): DeploymentStrategy(),
        GroupKind(group: "apps", kind: "ReplicaSet"): ReplicaSetStrategy(),
        GroupKind(group: "binnacle.dev", kind: "WatchCursor"): WatchCursorStrategy(),
        GroupKind(group: "coordination.k8s.io", kind: "Lease"): LeaseStrategy(),
        GroupKind(group: RoleRules.group, kind: "ClusterRole"): RoleStrategy(scope: .cluster),
        GroupKind(group: RoleRules.group, kind: "ClusterRoleBinding"):
            RoleBindingStrategy(scope: .cluster),
        GroupKind(group: RoleRules.group, kind: "Role"): RoleStrategy(scope: .namespace),
        GroupKind(group: RoleRules.group, kind: "RoleBinding"):
            RoleBindingStrategy(scope: .namespace),
    ]
}
