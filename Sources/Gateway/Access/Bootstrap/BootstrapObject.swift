// A role or a binding that every cluster has.

import APIModel
import JSON

/// A role or a binding as it is made when it is missing, and what is added when it is there.
public struct BootstrapObject: Sendable {
    /// `roles`, `clusterroles`, `rolebindings` or `clusterrolebindings`.
    public let resource: String
    /// Empty for cluster-scoped objects.
    public let namespace: String
    public let name: String
    /// The whole object, as a client would send it.
    public let object: JSONValue

    init(_ resource: String, _ namespace: String, _ name: String, _ members: JSONObject) {
        self.resource = resource
        self.namespace = namespace
        self.name = name
        var object = members
        var metadata = members["metadata"]?.object ?? JSONObject()
        metadata["name"] = .string(name)
        if !namespace.isEmpty { metadata["namespace"] = .string(namespace) }
        metadata["annotations"] = .object([Self.autoupdate: "true"])
        var labels = metadata["labels"]?.object ?? JSONObject()
        labels["kubernetes.io/bootstrapping"] = "rbac-defaults"
        metadata["labels"] = .object(labels)
        object["metadata"] = .object(metadata)
        self.object = .object(object)
    }

    /// Set to `false` by whoever wants to keep the object as it is.
    private static let autoupdate = "rbac.authorization.kubernetes.io/autoupdate"

    /// Whether a binding grants another role than it should: it can only be made anew.
    public func needsReplacing(_ present: JSONValue) -> Bool {
        !isProtected(present) && present["roleRef"] != object["roleRef"]
    }

    /// `present` with what it lacks. What is there beyond that stays.
    public func completing(_ present: JSONValue) -> JSONValue {
        guard !isProtected(present) else { return present }
        var completed = present
        for member in ["labels", "annotations"] { complete(&completed, member) }
        let aggregation = object["aggregationRule"]
        if let aggregation, present["aggregationRule"] == nil {
            completed["aggregationRule"] = aggregation
        }
        if aggregation == nil, let wanted = object["rules"] {
            let held = [PolicyRule](rulesOf: present)
            let missing = held.missing(of: [PolicyRule](rulesOf: ["rules": wanted]))
            if !missing.isEmpty { completed["rules"] = .array((held + missing).map(\.json)) }
        }
        if let wanted = object["subjects"]?.array {
            let held = present["subjects"]?.array ?? []
            let missing = wanted.filter { subject in !held.contains(subject) }
            if !missing.isEmpty { completed["subjects"] = .array(held + missing) }
        }
        return completed
    }

    private func isProtected(_ present: JSONValue) -> Bool {
        present[path: "metadata", "annotations", Self.autoupdate] == "false"
    }

    private func complete(_ present: inout JSONValue, _ member: String) {
        var metadata = present["metadata"] ?? [:]
        var entries = metadata[member]?.object ?? JSONObject()
        for (key, value) in object[path: "metadata", member]?.object ?? JSONObject()
        where !entries.contains(key) { entries[key] = value }
        metadata[member] = .object(entries)
        present["metadata"] = metadata
    }
}

extension BootstrapObject {
    static func clusterRole(
        _ name: String, labels: JSONObject = [:], _ rules: [PolicyRule]
    ) -> BootstrapObject {
        BootstrapObject(
            "clusterroles", "", name,
            [
                "metadata": ["labels": .object(labels)],
                "rules": .array(rules.map(\.json)),
            ])
    }

    /// A cluster role into which those with the label `rbac.authorization.k8s.io/aggregate-to-…`
    /// are put together.
    static func aggregate(_ name: String, into other: String? = nil) -> BootstrapObject {
        BootstrapObject(
            "clusterroles", "", name,
            [
                "metadata": ["labels": .object(other.map(aggregationLabel) ?? [:])],
                "aggregationRule": [
                    "clusterRoleSelectors": [["matchLabels": .object(aggregationLabel(name))]]
                ],
            ])
    }

    static func aggregationLabel(_ name: String) -> JSONObject {
        ["rbac.authorization.k8s.io/aggregate-to-\(name)": "true"]
    }

    static func role(
        _ name: String, in namespace: String, _ rules: [PolicyRule]
    ) -> BootstrapObject {
        BootstrapObject("roles", namespace, name, ["rules": .array(rules.map(\.json))])
    }

    /// Grants the cluster role of the same name.
    static func clusterBinding(_ name: String, to subjects: [JSONValue]) -> BootstrapObject {
        BootstrapObject(
            "clusterrolebindings", "", name, binding("ClusterRole", name, subjects))
    }

    static func binding(
        _ name: String, of role: String? = nil, in namespace: String, to subjects: [JSONValue]
    ) -> BootstrapObject {
        BootstrapObject(
            "rolebindings", namespace, name, binding("Role", role ?? name, subjects))
    }

    private static func binding(
        _ kind: String, _ role: String, _ subjects: [JSONValue]
    ) -> JSONObject {
        var members: JSONObject = [
            "roleRef": [
                "apiGroup": .string(group), "kind": .string(kind), "name": .string(role),
            ]
        ]
        if !subjects.isEmpty { members["subjects"] = .array(subjects) }
        return members
    }

    static func user(_ name: String) -> JSONValue {
        ["kind": "User", "apiGroup": .string(group), "name": .string(name)]
    }

    static func group(_ name: String) -> JSONValue {
        ["kind": "Group", "apiGroup": .string(group), "name": .string(name)]
    }

    static func serviceAccount(_ name: String) -> JSONValue {
        ["kind": "ServiceAccount", "name": .string(name), "namespace": "kube-system"]
    }

    private static let group = "rbac.authorization.k8s.io"
}

extension PolicyRule {
    static let read = "get list watch"
    static let write = "create delete deletecollection patch update"

    /// A rule written in words: verbs, resources and groups are separated by spaces, and the core
    /// group is `core`.
    static func may(
        _ verbs: String, _ resources: String, in groups: String = "core", named names: String = ""
    ) -> PolicyRule {
        PolicyRule(
            verbs: verbs.words, apiGroups: groups.words.map { $0 == "core" ? "" : $0 }.sorted(),
            resources: resources.words, resourceNames: names.words)
    }

    static func mayGet(paths: String) -> PolicyRule {
        PolicyRule(verbs: ["get"], nonResourceURLs: paths.words)
    }

    /// To tell what happens.
    static let mayWriteEvents = may("create patch update", "events", in: "core events.k8s.io")
    static let mayReviewTokens = may("create", "tokenreviews", in: "authentication.k8s.io")
    static let mayReviewAccess = may("create", "subjectaccessreviews", in: "authorization.k8s.io")
}

extension String {
    fileprivate var words: [String] { split(separator: " ").map(String.init).sorted() }
}
