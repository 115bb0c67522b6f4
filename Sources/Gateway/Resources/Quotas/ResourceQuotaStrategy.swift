// ResourceQuotas: bounds for a whole namespace.

import APIModel
import JSON

struct ResourceQuotaStrategy: Strategy {
    var deletionAnswersWithObject: Bool { true }

    func validate(_ object: JSONValue) -> [FieldError] {
        QuotaRules(spec: object["spec"] ?? .null).errors
    }

    func validateStatusUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        ["hard", "used"].flatMap { member in
            QuotaRules.amountErrors(
                object["status"]?.entries(member) ?? [:], FieldPath("status", member))
        }
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        switch name {
        case "quotaRequests": .string(Self.uses(object, ofLimits: false))
        case "quotaLimits": .string(Self.uses(object, ofLimits: true))
        default: nil
        }
    }

    /// `cpu: 1/4, pods: 2/10`
    private static func uses(_ quota: JSONValue, ofLimits: Bool) -> String {
        let hard = quota[path: "status", "hard"]?.object ?? JSONObject()
        let used = quota[path: "status", "used"] ?? .null
        return hard.map(\.key).sorted().filter { $0.hasPrefix("limits") == ofLimits }
            .map { "\($0): \(used[$0]?.string ?? "0")/\(hard[$0]?.string ?? "")" }
            .joined(separator: ", ")
    }
}

/// What makes a quota invalid beyond its schema.
struct QuotaRules {
    let spec: JSONValue
    private let path = FieldPath("spec")

    init(spec: JSONValue) { self.spec = spec }

    private static let exclusive = [
        ("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating"),
    ]
    private static let ofPods: Set<String> = [
        "pods", "cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory",
        "ephemeral-storage", "requests.ephemeral-storage", "limits.ephemeral-storage",
    ]
    /// What objects of the core group can be counted under their own name.
    private static let counted: Set<String> = [
        "configmaps", "persistentvolumeclaims", "replicationcontrollers", "resourcequotas",
        "secrets", "services", "services.loadbalancers", "services.nodeports", "requests.storage",
    ]

    var errors: [FieldError] {
        Self.amountErrors(spec.entries("hard"), path.child("hard"))
            + scopeErrors(spec.list("scopes").compactMap(\.string), path.child("scopes"))
            + selectorErrors
    }

    static func amountErrors(_ amounts: JSONObject, _ path: FieldPath) -> [FieldError] {
        amounts.flatMap { resource, value -> [FieldError] in
            let place = path.key(resource)
            var errors = nameProblems(resource).map {
                FieldError.invalid(place, .string(resource), $0)
            }
            guard let amount = value.string.flatMap({ try? Quantity($0) }) else { return errors }
            if amount.isNegative {
                errors.append(.invalid(place, value, "must be greater than or equal to 0"))
            }
            if isCount(resource), amount.milliValue % 1000 != 0 {
                errors.append(.invalid(place, value, "must be an integer"))
            }
            return errors
        }
    }

    /// A resource of another group has its domain in front.
    private static func nameProblems(_ resource: String) -> [String] {
        if ofPods.contains(resource) || counted.contains(resource) { return [] }
        let problems = ValueFormat.qualifiedName.check(resource)
        if !problems.isEmpty || resource.contains("/") { return problems }
        return ["must be a standard resource for quota"]
    }

    private static func isCount(_ resource: String) -> Bool {
        resource == "pods" || resource.hasPrefix("count/")
            || counted.contains(resource) && resource != "requests.storage"
    }

    private func scopeErrors(_ scopes: [String], _ place: FieldPath) -> [FieldError] {
        let known: Set<String> = [
            "BestEffort", "CrossNamespacePodAffinity", "NotBestEffort", "NotTerminating",
            "PriorityClass", "Terminating", "VolumeAttributesClass",
        ]
        var errors = scopes.enumerated().filter { !known.contains($1) }.map { index, scope in
            FieldError.invalid(place, .strings(scopes), "unsupported scope")
        }
        for (left, right) in Self.exclusive where scopes.contains(left) && scopes.contains(right) {
            errors.append(.invalid(place, .strings(scopes), "conflicting scopes"))
        }
        guard scopes.contains("BestEffort") else { return errors }
        // Pods without requests have nothing but themselves to count.
        for (resource, _) in spec.entries("hard")
        where Self.ofPods.contains(resource) && resource != "pods" {
            errors.append(
                .invalid(place, .strings(scopes), "unsupported scope applied to resource"))
            break
        }
        return errors
    }

    private var selectorErrors: [FieldError] {
        let place = path.child("scopeSelector").child("matchExpressions")
        let requirements = spec["scopeSelector"]?.list("matchExpressions") ?? []
        let scopes = requirements.map { $0.text("scopeName") }
        let errors = requirements.enumerated().flatMap { index, requirement in
            operatorErrors(requirement, place.index(index))
        }
        return errors + scopeErrors(scopes, place)
    }

    private func operatorErrors(
        _ requirement: JSONValue, _ path: FieldPath
    ) -> [FieldError] {
        let scope = requirement.text("scopeName")
        let `operator` = requirement.text("operator")
        let hasValues = requirement.isFilled("values")
        let isPlain = scope != "PriorityClass" && scope != "VolumeAttributesClass"
        if isPlain, `operator` != "Exists" {
            return [
                .invalid(
                    path.child("operator"), .string(`operator`),
                    "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, "
                        + "ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, "
                        + "ResourceQuotaScopeNotBestEffort or "
                        + "ResourceQuotaScopeCrossNamespacePodAffinity")
            ]
        }
        switch `operator` {
        case "In", "NotIn":
            return hasValues
                ? []
                : [
                    .required(
                        path.child("values"),
                        "must be at least one value when `operator` is 'In' or 'NotIn' for scope "
                            + "selector")
                ]
        default:
            return hasValues
                ? [
                    .invalid(
                        path.child("values"), requirement["values"],
                        "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope "
                            + "selector")
                ] : []
        }
    }
}
