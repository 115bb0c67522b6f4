// When an indexed Job counts as successful.

import APIModel
import JSON

struct SuccessPolicyRules {
    let spec: JSONValue
    let path: FieldPath

    var errors: [FieldError] {
        guard let policy = spec["successPolicy"], !policy.isNull else { return [] }
        let place = path.child("successPolicy")
        guard spec.text("completionMode") == "Indexed" else {
            return [.invalid(place, policy, "requires indexed completion mode")]
        }
        return policy.list("rules").enumerated().flatMap { index, rule in
            errors(in: rule, place.child("rules").index(index))
        }
    }

    private func errors(in rule: JSONValue, _ path: FieldPath) -> [FieldError] {
        guard rule.has("succeededIndexes") || rule.has("succeededCount") else {
            return [
                .required(
                    path, "at least one of succeededCount or succeededIndexes must be specified")
            ]
        }
        let completions = spec["completions"]?.int ?? 0
        var (errors, most) = ([FieldError](), completions)
        if let indexes = rule["succeededIndexes"] {
            switch IndexList.count(indexes.string ?? "", below: completions) {
            case .count(let count): most = count
            case .malformed(let problem):
                errors.append(.invalid(path.child("succeededIndexes"), indexes, problem))
            }
        }
        if let count = rule["succeededCount"]?.int, count > most {
            errors.append(
                .invalid(
                    path.child("succeededCount"), .int(count),
                    most == completions
                        ? "must be less than or equal to \(completions) (the number of specified "
                            + "completions)"
                        : "must be less than or equal to \(most) (the number of indexes in the "
                            + "specified succeededIndexes field)"))
        }
        return errors
    }
}

/// Indexes as a Job writes them: `1,3-5,7`, in ascending order.
enum IndexList {
    enum Reading: Equatable {
        case count(Int64)
        case malformed(String)
    }

    /// How many indexes `text` lists.
    /// - Parameter bound: the first number that is no index any more.
    static func count(_ text: String, below bound: Int64) -> Reading {
        if text.isEmpty { return .count(0) }
        var (count, last): (Int64, Int64) = (0, -1)
        for interval in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = interval.split(separator: "-", omittingEmptySubsequences: false)
                .map { Int64($0) }
            guard ends.count <= 2, let first = ends.first ?? nil, let end = ends.last ?? nil else {
                return .malformed("cannot be read as an interval of indexes: \"\(interval)\"")
            }
            guard first > last else { return .malformed("indexes must be in ascending order") }
            guard ends.count == 1 || end > first else {
                return .malformed("the first index of an interval must be less than its last")
            }
            guard end < bound else {
                return .malformed("too large index: \"\(end)\", must be less than \(bound)")
            }
            count += end - first + 1
            last = end
        }
        return .count(count)
    }
}
