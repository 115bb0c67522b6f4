// What all policies together say about a request.

import APIModel
import JSON
import Resources

/// An objection for which a request is refused.
struct PolicyDenial {
    let objection: PolicyObjection
    let policy: String
    let binding: String

    /// 422 unless the policy gives another reason.
    func refusal(of request: AdmissionRequest) -> APIStatus {
        let message =
            "ValidatingAdmissionPolicy '\(policy)' with binding '\(binding)' denied request: "
            + objection.message
        var status = APIStatus.forbidden(
            request.place.form.resource.groupResource, request.place.name, problem: message)
        let reason = APIStatus.Reason(rawValue: objection.reason) ?? .invalid
        status.reason = reason
        status.code =
            switch reason {
            case .forbidden: 403
            case .unauthorized: 401
            case .requestEntityTooLarge: 413
            default: 422
            }
        status.details?.causes.append(APIStatus.Cause(message: message))
        return status
    }
}

/// Gathers objections, and what becomes of them.
struct PolicyReport {
    private(set) var denial: PolicyDenial?
    private var warnings: [String] = []
    private var failures: [JSONValue] = []
    private var annotations: [String: [String]] = [:]

    /// Several bindings and parameters may each have something to say.
    mutating func take(_ annotations: [(String, String)], of policy: Policy) {
        for (key, text) in annotations {
            let name = "\(policy.name)/\(key)"
            if self.annotations[name]?.contains(text) == true { continue }
            self.annotations[name, default: []].append(text)
        }
    }

    mutating func take(
        _ objection: PolicyObjection, _ policy: Policy, _ binding: PolicyBinding
    ) {
        for action in binding.actions {
            switch action {
            case .deny: deny(objection, policy, binding)
            case .warn:
                warnings.append(
                    "Validation failed for ValidatingAdmissionPolicy '\(policy.name)' with binding "
                        + "'\(binding.name)': \(objection.message)")
            case .audit: failures.append(objection.json(policy, binding))
            }
        }
    }

    /// Of several the first one counts.
    mutating func deny(_ objection: PolicyObjection, _ policy: Policy, _ binding: PolicyBinding) {
        denial =
            denial
            ?? PolicyDenial(objection: objection, policy: policy.name, binding: binding.name)
    }

    /// Tells what is told whatever the verdict.
    func finish(_ notes: inout AdmissionNotes) {
        notes.warnings += warnings
        for (name, texts) in annotations {
            let text = texts.joined(separator: ", ")
            guard text.utf8.count <= Limits.annotationByteCountMax else { continue }
            notes.annotations[name] = text
        }
        guard !failures.isEmpty else { return }
        notes.annotations["validation.policy.admission.k8s.io/validation_failure"] =
            JSONValue.array(failures).description
    }
}

extension PolicyObjection {
    fileprivate func json(_ policy: Policy, _ binding: PolicyBinding) -> JSONValue {
        [
            "message": .string(message), "policy": .string(policy.name),
            "binding": .string(binding.name), "expressionIndex": .int(index ?? 0),
            "validationActions": .strings(binding.actions.map(\.rawValue)),
        ]
    }
}
