// Nobody grants what they do not hold.

import APIModel
import JSON

/// Lets users write roles only with rules that they hold themselves in the same scope, and bind
/// only such roles; unless they may `escalate`, or `bind` (Kubernetes: "Privilege escalation
/// prevention and bootstrapping").
public struct EscalationCheck: WriteCheck {
    private let roles: RBACAuthorizer
    private let authorizer: any Authorizer

    /// - Parameter authorizer: who decides about `escalate` and `bind`.
    public init(_ roles: RBACAuthorizer, _ authorizer: any Authorizer) {
        self.roles = roles
        self.authorizer = authorizer
    }

    public func check(_ write: ProposedWrite) throws(APIStatus) {
        guard write.operation != .delete, write.subresource.isEmpty,
            write.resource.group == Self.group, !write.user.isPrivileged
        else { return }
        switch write.resource.resource {
        case "roles", "clusterroles": try checkRole(write)
        case "rolebindings", "clusterrolebindings": try checkBinding(write)
        default: return
        }
    }

    private func checkRole(_ write: ProposedWrite) throws(APIStatus) {
        let members = ["rules", "aggregationRule"]
        guard write.changes(anyOf: members) else { return }
        let name = write.object[path: "metadata", "name"]?.string ?? write.name
        if mayUse("escalate", write.resource.resource, write.namespace, name, write.user) {
            return
        }
        try require([PolicyRule](rulesOf: write.object), write)
        // Whoever chooses what is taken in may take in everything.
        let isAggregated = write.object["aggregationRule"].map { !$0.isNull } ?? false
        guard isAggregated else { return }
        let held = roles.rules(for: write.user, in: write.namespace)
        guard held.rules.missing(of: Self.everything).isEmpty else {
            throw write.refused("must have cluster-admin privileges to use the aggregationRule")
        }
    }

    private func checkBinding(_ write: ProposedWrite) throws(APIStatus) {
        guard write.changes(anyOf: ["subjects", "roleRef"]) else { return }
        let name = write.object[path: "roleRef", "name"]?.string ?? ""
        let isClusterRole = write.object[path: "roleRef", "kind"]?.string == "ClusterRole"
        let plural = isClusterRole ? "clusterroles" : "roles"
        if mayUse("bind", plural, write.namespace, name, write.user) { return }
        let key = RoleKey(namespace: isClusterRole ? "" : write.namespace, name: name)
        guard let rules = roles.rules(ofRole: name, in: key.namespace.string) else {
            throw APIStatus(
                code: 404, reason: .notFound, message: key.absence,
                details: APIStatus.Details(
                    name: name, group: Self.group, kind: key.kind.lowercased()))
        }
        try require(rules, write)
    }

    private func mayUse(
        _ verb: String, _ resource: String, _ namespace: String, _ name: String, _ user: User
    ) -> Bool {
        let subject = AccessAttributes.Subject.resource(
            group: Self.group, version: "v1", resource: resource, subresource: "",
            namespace: namespace, name: name)
        return authorizer.decide(
            AccessAttributes(user: user, verb: verb, subject: subject)
        ).isAllowed
    }

    private func require(_ rules: [PolicyRule], _ write: ProposedWrite) throws(APIStatus) {
        let held = roles.rules(for: write.user, in: write.namespace)
        let missing = held.rules.missing(of: rules)
        guard !missing.isEmpty else { return }
        var problem =
            "user \(write.user.name.quoted) (groups=\(write.user.groups.quotedList)) is "
            + "attempting to grant RBAC permissions not currently held:\n"
            + missing.map(\.description).sorted().joined(separator: "\n")
        if !held.errors.isEmpty {
            problem += "; resolution errors: \(RBACAuthorizer.aggregated(held.errors))"
        }
        throw write.refused(problem)
    }

    private static let group = "rbac.authorization.k8s.io"
    private static let everything = [
        PolicyRule(verbs: ["*"], apiGroups: ["*"], resources: ["*"]),
        PolicyRule(verbs: ["*"], nonResourceURLs: ["*"]),
    ]
}

extension ProposedWrite {
    /// Whether a member of the object differs from what is there; all do in a new object.
    fileprivate func changes(anyOf members: [String]) -> Bool {
        old.isNull || members.contains { object[$0] != old[$0] }
    }
}
