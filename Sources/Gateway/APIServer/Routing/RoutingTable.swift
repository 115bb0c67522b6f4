import APIModel
import Access
import Buffers
import Resources
import Schema
import WatchCache

/// Which resources are served. Immutable: a new table takes the place of the old one when resources
/// are added or removed.
final class RoutingTable: Sendable {
    private enum Served: Sendable {
        case stored(ResourceEndpoint)
        case virtual(VirtualEndpoint)

        var definition: ResourceDefinition {
            switch self {
            case .stored(let endpoint): endpoint.definition
            case .virtual(let endpoint): endpoint.definition
            }
        }
    }

    private let core: [Bytes: [Bytes: Served]]
    private let groups: [Bytes: [Bytes: [Bytes: Served]]]
    /// Those whose objects are kept; a resource with several versions has one for each.
    let endpoints: [ResourceEndpoint]
    /// One for each resource whose objects are kept: that of the version in which they are stored,
    /// as a rule. Each object belongs to exactly one of them.
    var storageEndpoints: [ResourceEndpoint] {
        var caches: Set<ObjectIdentifier> = []
        let stored = endpoints.filter(\.isStorage)
        return (stored + endpoints.filter { !$0.isStorage }).filter {
            caches.insert(ObjectIdentifier($0.kept)).inserted
        }
    }
    private let virtual: [VirtualEndpoint]

    init(_ endpoints: [ResourceEndpoint], virtual: [VirtualEndpoint] = []) {
        var core: [Bytes: [Bytes: Served]] = [:]
        var groups: [Bytes: [Bytes: [Bytes: Served]]] = [:]
        for endpoint in endpoints.map(Served.stored) + virtual.map(Served.virtual) {
            let definition = endpoint.definition
            let version = Bytes(definition.groupVersion.version)
            let plural = Bytes(definition.plural)
            if definition.groupVersion.group.isEmpty {
                core[version, default: [:]][plural] = endpoint
            } else {
                let group = Bytes(definition.groupVersion.group)
                groups[group, default: [:]][version, default: [:]][plural] = endpoint
            }
        }
        self.core = core
        self.groups = groups
        self.endpoints = endpoints
        self.virtual = virtual
    }

    /// The same routes and those of other resources.
    func adding(_ others: [ResourceEndpoint]) -> RoutingTable {
        RoutingTable(endpoints + others, virtual: virtual)
    }

    /// Every kind of the catalog, its objects in the cache.
    /// - Precondition: the cache holds every stored kind, and each virtual one has a handler.
    convenience init(
        _ parts: GatewayParts, _ handlers: [GroupKind: any VirtualHandler],
        _ metrics: RequestMetrics
    ) {
        let catalog = parts.catalog
        let endpoints = (catalog.storedResources + catalog.convertedResources).map { resource in
            let name = ResourceEndpoint.storageName(of: resource)
            guard let cache = parts.cache.resource(name) else {
                preconditionFailure("the cache does not hold \(name)")
            }
            return ResourceEndpoint(resource, cache: cache, metrics: metrics)
        }
        let virtual = catalog.virtualResources.map { resource in
            VirtualEndpoint(resource, handlers, metrics: metrics)
        }
        self.init(endpoints, virtual: virtual)
    }

    func endpoint(_ resource: String, in groupVersion: GroupVersion) -> ResourceEndpoint? {
        endpoints.first {
            $0.definition.plural == resource && $0.definition.groupVersion == groupVersion
        }
    }

    /// The endpoint of a resource that the server itself works with.
    /// - Precondition: the catalog has it.
    func required(_ resource: String, in groupVersion: GroupVersion) -> ResourceEndpoint {
        guard let endpoint = endpoint(resource, in: groupVersion) else {
            preconditionFailure("the catalog has no \(resource)")
        }
        return endpoint
    }

    func route(_ path: Bytes) -> Route {
        if let escape = PathSegments.malformedEscape(in: path) { return .malformed(escape) }
        var segments = PathSegments(path)
        guard let first = segments.next() else { return path.count <= 1 ? .root : .unknown }
        if first.spell("api") { return coreRoute(&segments) }
        if first.spell("apis") { return groupRoute(&segments) }
        switch first {
        case "openapi": return openAPIRoute(&segments)
        case "version": return segments.isAtEnd ? .version : .unknown
        case "metrics": return segments.isAtEnd ? .metrics : .unknown
        case ".well-known", "openid": return issuerRoute(first, &segments)
        default: return healthRoute(first, &segments)
        }
    }

    private func issuerRoute(_ first: Bytes, _ segments: inout PathSegments) -> Route {
        switch (first, segments.remainder) {
        case (".well-known", "openid-configuration"): .issuerConfiguration
        case ("openid", "v1/jwks"): .issuerKeys
        default: .unknown
        }
    }

    private func healthRoute(_ first: Bytes, _ segments: inout PathSegments) -> Route {
        guard let endpoint = HealthEndpoint(rawValue: first.description) else { return .unknown }
        return .health(endpoint, check: segments.isAtEnd ? nil : segments.remainder.description)
    }

    private func openAPIRoute(_ segments: inout PathSegments) -> Route {
        switch segments.next() {
        case "v2"?: segments.isAtEnd ? .openAPIv2 : .unknown
        case "v3"?:
            segments.isAtEnd
                ? .openAPIv3 : .openAPIv3Document(segments.remainder.description)
        default: .unknown
        }
    }

    private func coreRoute(_ segments: inout PathSegments) -> Route {
        if segments.isAtEnd { return .coreVersions }
        guard let version = segments.next(), let resources = core[version] else {
            return .unknownResource
        }
        if segments.isAtEnd {
            return .resources(GroupVersion(group: "", version: version.description))
        }
        return resourceRoute(&segments, resources)
    }

    private func groupRoute(_ segments: inout PathSegments) -> Route {
        if segments.isAtEnd { return .groups }
        guard let group = segments.next(), let versions = groups[group] else {
            return .unknownGroup
        }
        if segments.isAtEnd { return .group(group.description) }
        guard let version = segments.next(), let resources = versions[version] else {
            return .unknownGroup
        }
        if segments.isAtEnd {
            return .resources(
                GroupVersion(group: group.description, version: version.description))
        }
        return resourceRoute(&segments, resources)
    }

    /// `[watch/][namespaces/<namespace>/]<plural>[/<name>[/<subresource>]]`
    private func resourceRoute(
        _ segments: inout PathSegments, _ resources: [Bytes: Served]
    ) -> Route {
        var isDeprecatedWatch = false
        var namespace: Bytes?
        guard var plural = segments.next() else { return .unknownResource }
        if plural.spell("watch"), !segments.isAtEnd {
            isDeprecatedWatch = true
            guard let next = segments.next() else { return .unknownResource }
            plural = next
        }
        if plural.spell("namespaces"), let scope = NamespaceScope(segments) {
            namespace = scope.namespace
            plural = scope.plural
            segments = scope.rest
        }
        guard let served = resources[plural] else { return .unknownResource }
        guard served.definition.isNamespaced || namespace == nil else { return .unknownResource }
        guard case .stored(let endpoint) = served else {
            return virtualRoute(&segments, served, namespace)
        }
        let target = ResourceTarget(
            endpoint: endpoint, namespace: namespace, name: segments.next(),
            subresource: segments.next(), isDeprecatedWatch: isDeprecatedWatch)
        // What comes after `proxy` is for who stands behind it.
        guard segments.isAtEnd || target.connects && target.subresource == "proxy" else {
            return .unknownResource
        }
        if endpoint.definition.isNamespaced, namespace == nil, target.name != nil {
            return .unknownResource
        }
        return .resource(target)
    }

    private func virtualRoute(
        _ segments: inout PathSegments, _ served: Served, _ namespace: Bytes?
    ) -> Route {
        guard case .virtual(let endpoint) = served else { return .unknownResource }
        let target = VirtualTarget(
            endpoint: endpoint, namespace: namespace, name: segments.next(),
            subresource: segments.next())
        return segments.isAtEnd ? .virtual(target) : .unknownResource
    }
}

extension GroupVersion {
    static let core = GroupVersion(group: "", version: "v1")
    /// What Kubernetes does not have.
    static let binnacle = GroupVersion(group: "binnacle.dev", version: "v1")
    static let scheduling = GroupVersion(group: "scheduling.k8s.io", version: "v1")
    static let definitions = GroupVersion(group: "apiextensions.k8s.io", version: "v1")
    static let coordination = GroupVersion(group: "coordination.k8s.io", version: "v1")
    static let discovery = GroupVersion(group: "discovery.k8s.io", version: "v1")
    static let registration = GroupVersion(group: "apiregistration.k8s.io", version: "v1")
    static let policy = GroupVersion(group: "policy", version: "v1")
    static let roles = GroupVersion(group: "rbac.authorization.k8s.io", version: "v1")
}

/// `<namespace>/<plural>…` after `namespaces/`. `namespaces/<name>/status` and `…/finalize` name
/// subresources of the namespace itself.
private struct NamespaceScope {
    let namespace: Bytes
    let plural: Bytes
    let rest: PathSegments

    init?(_ segments: PathSegments) {
        var segments = segments
        guard let namespace = segments.next(), let plural = segments.next(),
            !plural.spell("status"), !plural.spell("finalize")
        else { return nil }
        self.namespace = namespace
        self.plural = plural
        rest = segments
    }
}
