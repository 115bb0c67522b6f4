import APIModel
import Buffers
import Schema

/// What a request path names.
enum Route {
    /// A resource, a collection of it, an object of it or a subresource.
    case resource(ResourceTarget)
    /// A resource whose objects are answered where they are created.
    case virtual(VirtualTarget)
    /// `/api`
    case coreVersions
    /// `/apis`
    case groups
    /// `/apis/<group>`
    case group(String)
    /// `/api/v1`, `/apis/<group>/<version>`
    case resources(GroupVersion)
    /// `/openapi/v2`
    case openAPIv2
    /// `/openapi/v3`
    case openAPIv3
    /// `/openapi/v3/<path>`
    case openAPIv3Document(String)
    case version
    /// `/healthz`, `/livez` or `/readyz`, perhaps one check of it.
    case health(HealthEndpoint, check: String?)
    case metrics
    /// `/.well-known/openid-configuration`
    case issuerConfiguration
    /// `/openid/v1/jwks`
    case issuerKeys
    /// `/`
    case root
    /// A path under `/api` or `/apis` that names nothing.
    case unknownResource
    /// A group or version that is not served.
    case unknownGroup
    case unknown
    /// A path with a percent sign that two hexadecimal digits do not follow; the first such place.
    case malformed(String)
}

enum HealthEndpoint: String, CaseIterable {
    case healthz, livez, readyz
}

extension Route {
    /// The counters of the resource that it names.
    var counters: RequestCounters? {
        switch self {
        case .resource(let target): target.endpoint.counters
        case .virtual(let target): target.endpoint.counters
        default: nil
        }
    }
}

/// A path below a group and version.
struct ResourceTarget {
    let endpoint: ResourceEndpoint
    /// `nil` for cluster-scoped resources, and for a namespaced resource in all namespaces.
    let namespace: Bytes?
    let name: Bytes?
    let subresource: Bytes?
    /// The path begins with `watch/`, as clients before 1.11 wrote it.
    let isDeprecatedWatch: Bool

    /// Whether it leads to what runs on a node.
    var connects: Bool {
        guard let subresource else { return false }
        return endpoint.definition.subresource(subresource.description)?.connects ?? false
    }

    /// The object's key in the store.
    /// - Precondition: there is a name.
    var key: Bytes {
        guard let name else { preconditionFailure("a collection has no key") }
        return endpoint.key(namespace: namespace, name: name)
    }
}

/// A path of a resource whose objects are not kept.
struct VirtualTarget {
    let endpoint: VirtualEndpoint
    /// `nil` for cluster-scoped resources, and for a namespaced resource without one.
    let namespace: Bytes?
    let name: Bytes?
    let subresource: Bytes?
}
