// Feeds the builder of the index from the cache.

import Buffers
import WatchCache

/// The four resources, and what has been made of them.
struct GrantFollower {
    private(set) var builder = GrantBuilder()
    private var roles: FollowedResource
    private var clusterRoles: FollowedResource
    private var bindings: FollowedResource
    private var clusterBindings: FollowedResource

    /// - Precondition: `cache` holds the four kinds of rbac.authorization.k8s.io.
    init(_ cache: Cache) {
        func resource(_ plural: String) -> FollowedResource {
            guard let resource = cache.resource("rbac.authorization.k8s.io/\(plural)") else {
                preconditionFailure("the cache does not hold \(plural)")
            }
            return FollowedResource(resource)
        }
        roles = resource("roles")
        clusterRoles = resource("clusterroles")
        bindings = resource("rolebindings")
        clusterBindings = resource("clusterrolebindings")
    }

    mutating func restart() {
        roles.restart()
        clusterRoles.restart()
        bindings.restart()
        clusterBindings.restart()
    }

    /// Takes in what has changed.
    mutating func catchUp() {
        roles.catchUp { builder.takeRoles($0, ofCluster: false) }
        clusterRoles.catchUp { builder.takeRoles($0, ofCluster: true) }
        bindings.catchUp { builder.takeBindings($0, ofCluster: false) }
        clusterBindings.catchUp { builder.takeBindings($0, ofCluster: true) }
        builder.settle()
    }
}

extension GrantBuilder {
    fileprivate mutating func takeRoles(_ change: FollowedResource.Change, ofCluster: Bool) {
        switch change {
        case .event(let event):
            let isGone = event.kind == .deleted
            set(isGone ? nil : event.object.role, for: event.object.roleKey)
        case .all(let snapshot):
            for key in roleKeys(ofCluster: ofCluster) { set(nil, for: key) }
            snapshot.forEachObject { set($0.role, for: $0.roleKey) }
        }
    }

    fileprivate mutating func takeBindings(_ change: FollowedResource.Change, ofCluster: Bool) {
        switch change {
        case .event(let event):
            if event.kind == .deleted {
                remove(event.object.bindingKey)
            } else {
                set(StoredBinding(event.object.bindingKey, event.object.value))
            }
        case .all(let snapshot):
            for key in bindingKeys(ofCluster: ofCluster) { remove(key) }
            snapshot.forEachObject { set(StoredBinding($0.bindingKey, $0.value)) }
        }
    }
}

extension CachedObject {
    fileprivate var role: StoredRole { StoredRole([PolicyRule](rulesOf: value)) }
    fileprivate var roleKey: RoleKey {
        RoleKey(namespace: namespace.description, name: name.description)
    }
    fileprivate var bindingKey: BindingKey {
        BindingKey(namespace: namespace.description, name: name.description)
    }
}
