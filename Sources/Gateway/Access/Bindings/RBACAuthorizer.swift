// Role-based access control, decided from an index of who is granted what.

import APIModel
import Storage
import Synchronization
import WatchCache

/// Follows the roles and bindings of a cache and decides by them, on any thread.
///
/// A decision looks whether the cache has moved on, and first takes in what has changed since: so
/// whoever was answered that a binding was made or deleted finds it effective. What it costs is
/// the work for the changed objects, once, not for all.
public final class RBACAuthorizer: Authorizer {
    private struct Published {
        var index = GrantIndex()
        /// What the cache showed at least when the index was brought up to it.
        var applied: Revision?
        var resetCount: UInt64 = 0
    }

    private let cache: Cache
    private let published = Mutex(Published())
    private let following: Mutex<GrantFollower>

    /// - Precondition: `cache` holds the four kinds of rbac.authorization.k8s.io.
    public init(_ cache: Cache) {
        self.cache = cache
        following = Mutex(GrantFollower(cache))
    }

    public func decide(_ attributes: AccessAttributes) -> AccessDecision {
        let query = AccessQuery(attributes)
        let index = currentIndex()
        var allowing: GrantSource?
        var hasMissingRoles = false
        index.forEach(attributes.user, in: attributes.bindingNamespace) { grants in
            allowing = grants.source(allowing: query)
            hasMissingRoles = hasMissingRoles || grants.hasMissingRoles
            return allowing == nil
        }
        if let allowing { return .allowed(reason: allowing.reason) }
        guard hasMissingRoles else { return .noOpinion(reason: "") }
        let missing = rules(for: attributes.user, in: attributes.bindingNamespace).errors
        return .noOpinion(reason: "RBAC: \(Self.aggregated(missing))")
    }

    public func rules(for user: User, in namespace: String) -> ResolvedRules {
        var rules: [PolicyRule] = []
        var errors: [String] = []
        currentIndex().forEach(user, in: namespace) { grants in
            for source in grants.sources {
                if let role = source.role {
                    rules += role.rules
                } else {
                    errors.append(source.binding.role.absence)
                }
            }
            return true
        }
        return ResolvedRules(rules: rules, errors: errors)
    }

    /// The rules of a role, or `nil` when there is none. `namespace` is empty for a cluster role.
    public func rules(ofRole name: String, in namespace: String) -> [PolicyRule]? {
        following.withLock { following in
            following.catchUp()
            return following.builder.role(RoleKey(namespace: namespace, name: name))?.rules
        }
    }

    /// Several problems as one, each once.
    static func aggregated(_ problems: [String]) -> String {
        var seen: Set<String> = []
        let unique = problems.filter { seen.insert($0).inserted }
        return unique.count == 1 ? unique[0] : "[\(unique.joined(separator: ", "))]"
    }

    private func currentIndex() -> GrantIndex {
        let applied = cache.appliedRevision
        let resetCount = cache.resetCount
        let present = published.withLock { $0 }
        if present.applied == applied, present.resetCount == resetCount { return present.index }
        return following.withLock { following in
            // Read before the events: the index shows at least this much.
            var next = Published(applied: cache.appliedRevision, resetCount: cache.resetCount)
            if next.resetCount != present.resetCount { following.restart() }
            following.catchUp()
            next.index = following.builder.index
            // What only the old index held is freed after the lock is given back.
            let old = published.withLock { published in
                let old = published
                published = next
                return old
            }
            withExtendedLifetime(old) {}
            return next.index
        }
    }
}

extension AccessAttributes {
    /// Where bindings apply to this: paths are granted for the whole cluster only.
    var bindingNamespace: String {
        guard case .resource(_, _, _, _, let namespace, _) = subject else { return "" }
        return namespace
    }
}
