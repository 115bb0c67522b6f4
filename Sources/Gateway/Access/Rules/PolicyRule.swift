// One rule of a role.

import APIModel
import JSON

/// Verbs that may be used on resources, or on paths that are no resources (the `PolicyRule` of
/// rbac.authorization.k8s.io/v1).
public struct PolicyRule: Hashable, Sendable {
    public var verbs: [ExactText]
    public var apiGroups: [ExactText]
    public var resources: [ExactText]
    public var resourceNames: [ExactText]
    public var nonResourceURLs: [ExactText]

    public init(
        verbs: [String], apiGroups: [String] = [], resources: [String] = [],
        resourceNames: [String] = []
    ) {
        self.verbs = [ExactText](verbs)
        self.apiGroups = [ExactText](apiGroups)
        self.resources = [ExactText](resources)
        self.resourceNames = [ExactText](resourceNames)
        nonResourceURLs = []
    }

    public init(verbs: [String], nonResourceURLs: [String]) {
        self.init(verbs: verbs)
        self.nonResourceURLs = [ExactText](nonResourceURLs)
    }

    public init(_ value: JSONValue) {
        self.init(
            verbs: Self.texts(value["verbs"]), apiGroups: Self.texts(value["apiGroups"]),
            resources: Self.texts(value["resources"]),
            resourceNames: Self.texts(value["resourceNames"]))
        nonResourceURLs = [ExactText](Self.texts(value["nonResourceURLs"]))
    }

    private static func texts(_ value: JSONValue?) -> [String] {
        (value?.array ?? []).compactMap(\.string)
    }

    private var members: [(name: String, values: [ExactText])] {
        [
            ("apiGroups", apiGroups), ("resources", resources), ("resourceNames", resourceNames),
            ("nonResourceURLs", nonResourceURLs), ("verbs", verbs),
        ]
    }

    /// As it stands in a role.
    public var json: JSONValue {
        var object = JSONObject()
        for (name, values) in members where !values.isEmpty {
            object[name] = .array(values.map { .string($0.string) })
        }
        return .object(object)
    }
}

extension PolicyRule: CustomStringConvertible {
    /// As refusals print it: `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}`.
    public var description: String {
        let parts = [
            ("APIGroups", apiGroups), ("Resources", resources),
            ("NonResourceURLs", nonResourceURLs), ("ResourceNames", resourceNames),
            ("Verbs", verbs),
        ]
        let printed = parts.filter { !$0.1.isEmpty }.map { "\($0.0):\($0.1.quotedList)" }
        return "{\(printed.joined(separator: ", "))}"
    }
}

extension [String] {
    /// `["a" "b"]`
    var quotedList: String { "[\(map(\.quoted).joined(separator: " "))]" }
}

/// Reads the rules of a role.
extension [PolicyRule] {
    public init(rulesOf role: JSONValue) {
        self = (role["rules"]?.array ?? []).map(PolicyRule.init)
    }
}
