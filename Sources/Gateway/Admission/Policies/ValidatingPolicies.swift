// Policies in CEL that judge an object as it will be stored.

import APIModel
import JSON
import Observability
import Resources

/// Kubernetes' `ValidatingAdmissionPolicy`: asks each policy with each of its bindings.
struct ValidatingPolicies: Sendable {
    static let name = "ValidatingAdmissionPolicy"

    let policies: CompiledKind<[Policy]>
    let bindings: CompiledKind<[PolicyBinding]>
    let kinds: @Sendable (GroupVersionKind) -> ParameterKind?
    let labels: LabelLookup
    let checks: Family<Counter>

    static func checks(_ registry: MetricsRegistry) -> Family<Counter> {
        registry.counters(
            "apiserver_validating_admission_policy_check_total",
            help: "Requests that policies were asked about, by what came of it.",
            labels: ["policy", "policy_binding", "error_type", "enforcement_action"])
    }

    /// Whether there is something to ask.
    var isActive: Bool { bindings.content != nil && policies.content != nil }

    /// - Throws: the first objection for which a binding refuses requests.
    func run(
        _ request: AdmissionRequest, _ notes: inout AdmissionNotes
    ) async throws(APIStatus) {
        guard let bindings = bindings.content, let policies = policies.content else { return }
        var report = PolicyReport()
        for policy in policies {
            let own = bindings.filter { $0.policyName == policy.name }
            guard !own.isEmpty,
                let match = try await policy.matcher.match(request, namespaceLabels: labels)
            else { continue }
            for binding in own {
                if let matcher = binding.matcher,
                    !matcher.means(request, namespaceLabels: labels)
                {
                    continue
                }
                ask(policy, binding, request, match, &report)
            }
        }
        report.finish(&notes)
        if let denial = report.denial { throw denial.refusal(of: request) }
    }

    private func ask(
        _ policy: Policy, _ binding: PolicyBinding, _ request: AdmissionRequest,
        _ match: RequestMatcher.Match, _ report: inout PolicyReport
    ) {
        do throws(PolicyProblem) {
            if let error = policy.programs.errors.first {
                throw PolicyProblem(description: "failed to configure policy: \(error)")
            }
            let parameters = PolicyParameters(kinds: kinds)
            for object in try parameters.found(policy, binding, request) {
                var evaluation = PolicyEvaluation(
                    policy, request, as: match, parameters: object,
                    namespace: namespace(of: request))
                let (objections, annotations) = evaluation.run()
                count(policy, binding, objections)
                report.take(annotations, of: policy)
                for objection in objections { report.take(objection, policy, binding) }
            }
        } catch {
            guard !policy.failsOpen else { return }
            report.deny(PolicyObjection(message: error.description), policy, binding)
        }
    }

    private func namespace(of request: AdmissionRequest) -> JSONValue {
        guard !request.isNamespace, !request.place.namespace.isEmpty else { return .null }
        return labels.namespaces.object(request.place.namespace) ?? .null
    }

    private func count(
        _ policy: Policy, _ binding: PolicyBinding, _ objections: [PolicyObjection]
    ) {
        func count(_ objection: PolicyObjection?, _ action: String) {
            checks.child(
                policy.name, binding.name,
                objection?.isFailure == true ? "invalid_error" : "no_error", action
            ).increment()
        }
        if objections.isEmpty { count(nil, "allow") }
        for objection in objections {
            for action in binding.actions { count(objection, action.rawValue.lowercased()) }
        }
    }
}
