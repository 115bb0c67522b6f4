// Conditions in CEL that a request must meet.

import CEL
import JSON
import Resources

/// The `matchConditions` of a webhook or a policy.
struct MatchConditions: Sendable {
    private struct Condition: Sendable {
        let name: String
        let program: Result<Program, CompilationError>
    }

    private let conditions: [Condition]

    /// Those of a webhook.
    init(_ list: [JSONValue]) {
        conditions = list.map { condition in
            let program = Result { () throws(CompilationError) in
                try AdmissionExpressions.program(
                    condition.text("expression"), giving: [.bool],
                    in: AdmissionExpressions.conditions)
            }
            return Condition(name: condition.text("name"), program: program)
        }
    }

    /// Those of a policy.
    init(_ programs: [(name: String, program: Program)]) {
        conditions = programs.map { Condition(name: $0.name, program: .success($0.program)) }
    }

    enum Verdict: Sendable {
        case met, notMet
        /// One of them has no value, and no other one is false.
        case failed(String)
    }

    var isEmpty: Bool { conditions.isEmpty }

    /// One that is false decides, whatever becomes of the others.
    func verdict(_ variables: [String: Value]) -> Verdict {
        var failures: [String] = []
        var budget = Budget()
        for condition in conditions {
            do {
                let value = try condition.program.get().evaluate(variables, budget: &budget)
                if value.bool == false { return .notMet }
                if value.bool == nil { failures.append("\(condition.name): is no bool") }
            } catch {
                failures.append("expression '\(condition.name)' resulted in error: \(error)")
            }
        }
        return failures.isEmpty ? .met : .failed(failures.joined(separator: ", "))
    }
}

extension AdmissionRequest {
    /// What expressions may speak of, in the version in which the request was matched.
    func variables(as match: RequestMatcher.Match) -> [String: Value] {
        [
            "object": Value(match.object), "oldObject": Value(match.old),
            "request": Value(
                .object(attributes(as: match.form)), as: .object(AdmissionExpressions.request)),
        ]
    }
}
