// Which requests are meant, by operation and resource.

import APIModel
import JSON
import Resources

/// A rule of a webhook or a policy (`RuleWithOperations` of admissionregistration.k8s.io/v1).
struct RequestRule: Sendable {
    private enum Scope: String, Sendable {
        case all = "*"
        case cluster = "Cluster"
        case namespaced = "Namespaced"
    }

    /// What a list names; `*` is all.
    private struct Names: Sendable {
        private let names: Set<String>
        init(_ list: [JSONValue]) { names = Set(list.compactMap(\.string)) }
        func contains(_ name: String) -> Bool { names.contains("*") || names.contains(name) }
    }

    private let operations: Names
    private let groups: Names
    private let versions: Names
    private let resources: [(resource: String, subresource: String)]
    private let scope: Scope
    /// Only objects of these names; all when empty.
    private let objectNames: Set<String>

    init(_ rule: JSONValue) {
        operations = Names(rule.list("operations"))
        groups = Names(rule.list("apiGroups"))
        versions = Names(rule.list("apiVersions"))
        resources = rule.list("resources").compactMap(\.string).map { text in
            let parts = text.split(
                separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
        }
        scope = Scope(rawValue: rule.text("scope")) ?? .all
        objectNames = Set(rule.list("resourceNames").compactMap(\.string))
    }

    /// Whether it speaks of `request`, were it made in `form`.
    func matches(_ request: AdmissionRequest, as form: AdmissionRequest.Form) -> Bool {
        operations.contains(request.operation.rawValue) && groups.contains(form.resource.group)
            && versions.contains(form.resource.version) && matchesScope(request)
            && (objectNames.isEmpty || objectNames.contains(request.place.name))
            && resources.contains { resource, subresource in
                (resource == "*" || resource == form.resource.resource)
                    && (subresource == "*" || subresource == request.place.subresource)
            }
    }

    /// A Namespace is in none, though its requests name one.
    private func matchesScope(_ request: AdmissionRequest) -> Bool {
        let isNamespaced = !request.isNamespace && !request.place.namespace.isEmpty
        return switch scope {
        case .all: true
        case .cluster: !isNamespaced
        case .namespaced: isNamespaced
        }
    }
}
