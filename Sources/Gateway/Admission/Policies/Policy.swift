// A policy and its bindings, as their objects describe them.

import APIModel
import JSON
import Resources

/// A ValidatingAdmissionPolicy (admissionregistration.k8s.io/v1).
struct Policy: Sendable {
    let name: String
    let matcher: RequestMatcher
    let conditions: MatchConditions
    let programs: PolicyPrograms
    /// Whether what cannot be evaluated lets requests pass.
    let failsOpen: Bool
    /// What the parameters are; `nil` when there are none.
    let parameterKind: GroupVersionKind?

    init(_ object: JSONValue) {
        let spec = object["spec"] ?? .null
        let match = spec["matchConstraints"] ?? .null
        name = ObjectMeta(of: object).name
        matcher = RequestMatcher(
            match, rules: match.list("resourceRules"),
            exceptions: match.list("excludeResourceRules"))
        programs = PolicyPrograms(spec)
        conditions = MatchConditions(programs.conditions)
        failsOpen = spec.text("failurePolicy") == "Ignore"
        let kind = spec["paramKind"] ?? .null
        parameterKind = GroupVersion(kind.text("apiVersion"))
            .flatMap { kind.isNull ? nil : $0.kind(kind.text("kind")) }
    }
}

/// A ValidatingAdmissionPolicyBinding.
struct PolicyBinding: Sendable {
    /// What becomes of a request that a policy is against.
    enum Action: String, Sendable {
        case deny = "Deny"
        case warn = "Warn"
        case audit = "Audit"
    }

    let name: String
    let policyName: String
    /// `nil` when it adds nothing to the policy's own.
    let matcher: RequestMatcher?
    let actions: [Action]
    /// The policy's parameters; `null` when it has none here.
    let parameters: JSONValue

    init(_ object: JSONValue) {
        let spec = object["spec"] ?? .null
        name = ObjectMeta(of: object).name
        policyName = spec.text("policyName")
        actions = spec.list("validationActions").compactMap(\.string).compactMap(Action.init)
        parameters = spec["paramRef"] ?? .null
        guard let match = spec["matchResources"], !match.isNull else {
            matcher = nil
            return
        }
        let rules = match.list("resourceRules")
        matcher = RequestMatcher(
            match, rules: rules.isEmpty ? nil : rules,
            exceptions: match.list("excludeResourceRules"))
    }
}
