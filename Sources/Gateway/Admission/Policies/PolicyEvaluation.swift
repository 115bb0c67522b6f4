// One policy asked about one request, with one set of parameters.

import APIModel
import CEL
import JSON
import Resources

/// What a policy has against a request.
struct PolicyObjection: Sendable {
    let message: String
    /// Of the refusal; empty for the usual one.
    var reason = ""
    /// Which of the policy's validations it comes from; `nil` for none.
    var index: Int?
    /// Whether an expression had no value.
    var isFailure = false
}

/// Evaluates the expressions of a policy. Performs no I/O.
struct PolicyEvaluation {
    let policy: Policy
    private var variables: [String: Value]
    private var computed: ComputedVariables

    /// - Parameter namespace: of the object, or `null`.
    init(
        _ policy: Policy, _ request: AdmissionRequest, as match: RequestMatcher.Match,
        parameters: JSONValue, namespace: JSONValue
    ) {
        self.policy = policy
        variables = request.variables(as: match)
        variables["namespaceObject"] = Value(namespace)
        variables["params"] = Value(parameters)
        computed = ComputedVariables("variables", policy.programs.variables)
    }

    /// What there is against the request, and what the audit log is told.
    mutating func run() -> (objections: [PolicyObjection], annotations: [(String, String)]) {
        switch policy.conditions.verdict(variables) {
        case .notMet: return ([], [])
        case .failed(let why): return (failure(why, nil), [])
        case .met: break
        }
        var objections: [PolicyObjection] = []
        for index in policy.programs.validations.indices {
            objections += self.objections(index)
        }
        var annotations: [(String, String)] = []
        for annotation in policy.programs.annotations {
            do {
                let value = try evaluate(annotation.program)
                guard let text = value.string else { continue }
                annotations.append((annotation.key, text))
            } catch {
                objections += failure(
                    "valueExpression '\(annotation.expression)' resulted in error: \(error)", nil)
            }
        }
        return (objections, annotations)
    }

    private func failure(_ message: String, _ index: Int?) -> [PolicyObjection] {
        policy.failsOpen ? [] : [PolicyObjection(message: message, index: index, isFailure: true)]
    }

    private mutating func objections(_ index: Int) -> [PolicyObjection] {
        let validation = policy.programs.validations[index]
        do {
            if try evaluate(validation.program).bool == true { return [] }
        } catch {
            return failure(
                "expression '\(validation.expression)' resulted in error: \(error)", index)
        }
        return [
            PolicyObjection(message: message(validation), reason: validation.reason, index: index)
        ]
    }

    /// What the expression for it gives, if that can be shown; else the policy's own words.
    private mutating func message(_ validation: PolicyPrograms.Validation) -> String {
        if let program = validation.messageProgram,
            let text = (try? evaluate(program))?.string?.trimmingSpace, !text.isEmpty,
            !text.contains("\n"), text.utf8.count <= Limits.policyMessageByteCountMax
        {
            return text
        }
        return validation.message.isEmpty
            ? "failed expression: \(validation.expression)" : validation.message
    }

    private mutating func evaluate(_ program: Program) throws(EvaluationError) -> Value {
        var budget = Budget()
        return try program.evaluate(variables, &computed, budget: &budget)
    }
}
