// Cluster roles that are put together from others.

import APIModel
import Buffers
import JSON
import WatchCache

/// Knows what the rules of aggregated cluster roles should be.
public struct RoleAggregator: Sendable {
    private struct Role: Sendable {
        let labels: [(key: String, value: String)]
        let rules: [PolicyRule]
        /// Empty for a role with rules of its own.
        let selectors: [LabelSelector]

        init(_ value: JSONValue) {
            labels = ObjectMeta(of: value).labels
            rules = [PolicyRule](rulesOf: value)
            let selectors = value[path: "aggregationRule", "clusterRoleSelectors"]?.array ?? []
            self.selectors = selectors.compactMap { try? LabelSelector(object: $0) }
        }
    }

    /// Rules that a role should have, and has not.
    public struct Change: Hashable, Sendable {
        public let name: String
        public let rules: [PolicyRule]
    }

    private var clusterRoles: FollowedResource
    private var roles: [ExactText: Role] = [:]

    /// - Parameter clusterRoles: where the cluster roles are.
    public init(_ clusterRoles: ResourceCache) {
        self.clusterRoles = FollowedResource(clusterRoles)
    }

    /// Takes in what has changed, and says of one role that is not what it should be. One at a
    /// time: of two that take in each other the second is to see what the first has become.
    public mutating func nextOutdated() -> Change? {
        clusterRoles.catchUp { change in
            switch change {
            case .event(let event):
                let isGone = event.kind == .deleted
                roles[ExactText(event.object.name.description)] =
                    isGone ? nil : Role(event.object.value)
            case .all(let snapshot):
                roles.removeAll()
                snapshot.forEachObject { roles[ExactText($0.name.description)] = Role($0.value) }
            }
        }
        for (name, role) in roles.sorted(by: { $0.key < $1.key }) where !role.selectors.isEmpty {
            let rules = union(role.selectors, except: name)
            if rules != role.rules { return Change(name: name.string, rules: rules) }
        }
        return nil
    }

    /// The rules of all roles that one of the selectors selects, each once.
    private func union(_ selectors: [LabelSelector], except name: ExactText) -> [PolicyRule] {
        var seen: Set<PolicyRule> = []
        var rules: [PolicyRule] = []
        let others = roles.sorted { $0.key < $1.key }
        for selector in selectors {
            for (other, role) in others where other != name && selector.matches(role.labels) {
                rules += role.rules.filter { seen.insert($0).inserted }
            }
        }
        return rules
    }
}
