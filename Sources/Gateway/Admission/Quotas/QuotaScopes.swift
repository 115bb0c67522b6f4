// Which objects of its namespace a quota is about.

import APIModel
import JSON
import Resources

/// The scopes of a quota and its `scopeSelector`: an object must be in all of them. Without any,
/// every object is.
struct QuotaScopes {
    private struct Requirement {
        let scope: String
        let `operator`: String
        let values: Set<String>

        /// - Parameter value: `nil` when the object has none.
        func holds(for value: String?) -> Bool {
            switch `operator` {
            case "In": value.map(values.contains) ?? false
            case "NotIn": value.map { !values.contains($0) } ?? true
            case "DoesNotExist": value == nil
            default: value != nil
            }
        }
    }

    private let requirements: [Requirement]

    init(_ spec: JSONValue) {
        let plain = spec.list("scopes").compactMap(\.string).map {
            Requirement(scope: $0, operator: "Exists", values: [])
        }
        let selected = (spec["scopeSelector"]?.list("matchExpressions") ?? []).map {
            Requirement(
                scope: $0.text("scopeName"), operator: $0.text("operator"),
                values: Set($0.list("values").compactMap(\.string)))
        }
        requirements = plain + selected
    }

    var isEmpty: Bool { requirements.isEmpty }

    /// What is neither a pod nor a claim is in no scope.
    func include(_ object: JSONValue, at resource: GroupResource) -> Bool {
        requirements.allSatisfy { requirement in
            switch resource {
            case .pods: Self.includes(pod: object["spec"] ?? .null, requirement)
            case .volumeClaims:
                requirement.scope == "VolumeAttributesClass"
                    && requirement.holds(
                        for: Self.name(object["spec"]?.text("volumeAttributesClassName")))
            default: false
            }
        }
    }

    private static func includes(pod spec: JSONValue, _ requirement: Requirement) -> Bool {
        switch requirement.scope {
        case "Terminating": isTerminating(spec)
        case "NotTerminating": !isTerminating(spec)
        case "BestEffort": QualityOfService(ofSpec: spec) == .bestEffort
        case "NotBestEffort": QualityOfService(ofSpec: spec) != .bestEffort
        case "PriorityClass": requirement.holds(for: name(spec.text("priorityClassName")))
        case "CrossNamespacePodAffinity": hasForeignAffinity(spec)
        default: false
        }
    }

    /// Whether the pod is meant to end.
    private static func isTerminating(_ spec: JSONValue) -> Bool {
        spec["activeDeadlineSeconds"]?.int.map { $0 >= 0 } ?? false
    }

    private static func name(_ text: String?) -> String? {
        text.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Whether the pod wants to be near pods of other namespaces, or away from them.
    private static func hasForeignAffinity(_ spec: JSONValue) -> Bool {
        let affinity = spec["affinity"] ?? .null
        let terms = ["podAffinity", "podAntiAffinity"].flatMap { kind in
            let rules = affinity[kind] ?? .null
            return rules.list("requiredDuringSchedulingIgnoredDuringExecution")
                + rules.list("preferredDuringSchedulingIgnoredDuringExecution")
                .compactMap { $0["podAffinityTerm"] }
        }
        return terms.contains { $0.isFilled("namespaces") || $0.has("namespaceSelector") }
    }
}
