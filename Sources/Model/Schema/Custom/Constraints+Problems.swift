// What constraints say of a value of a custom resource. Each looks at values of its own type only.

import APIModel
import JSON
import Patterns

extension Constraints {
    func problems(of value: JSONValue, at path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        switch value {
        case .string(let text): errors = problems(of: text, value, at: path)
        case .number(let number): errors = problems(of: number, value, at: path)
        case .array(let elements):
            errors = countProblems(
                elements.count, (minItems, maxItems), "items", at: path)
        case .object(let members):
            errors = countProblems(
                members.count, (minProperties, maxProperties), "properties", at: path)
        case .null, .bool: break
        }
        if !enumeration.isEmpty, !enumeration.contains(value) {
            errors.append(
                .notSupported(
                    path, value, supported: enumeration.map { $0.string ?? $0.description }))
        }
        return errors
    }

    private func problems(
        of text: String, _ value: JSONValue, at path: FieldPath
    ) -> [FieldError] {
        var errors: [FieldError] = []
        // Text has at least as many bytes as scalars, so that most need not be counted.
        if minLength > 0 || maxLength.map({ text.utf8.count > $0 }) == true {
            let length = text.unicodeScalars.count
            if length < minLength {
                errors.append(
                    .invalid(path, value, "must be at least \(minLength) characters long"))
            }
            if let maxLength, length > maxLength {
                errors.append(
                    FieldError(
                        kind: .tooLong, path: path,
                        detail: "may not be more than \(maxLength) characters"))
            }
        }
        if let pattern, !pattern.matches(text) {
            errors.append(.invalid(path, value, "must match the pattern '\(pattern.source)'"))
        }
        if let customFormat, let problem = customFormat.problem(of: text) {
            errors.append(.invalid(path, value, problem))
        }
        return errors
    }

    private func problems(
        of number: JSONNumber, _ value: JSONValue, at path: FieldPath
    ) -> [FieldError] {
        var errors: [FieldError] = []
        if let problem = problem(of: number) { errors.append(.invalid(path, value, problem)) }
        if let multipleOf, !number.isMultiple(of: multipleOf) {
            errors.append(.invalid(path, value, "must be a multiple of \(multipleOf)"))
        }
        if customFormat == .int32, number.int.flatMap(Int32.init(exactly:)) == nil {
            errors.append(.invalid(path, value, "must be a number of 32 bits (int32)"))
        }
        return errors
    }

    private func countProblems(
        _ count: Int, _ bounds: (least: Int, most: Int?), _ things: String, at path: FieldPath
    ) -> [FieldError] {
        if let most = bounds.most, count > most {
            return [
                FieldError(
                    kind: .tooMany, path: path, value: .count(count),
                    detail: "must have at most \(most) \(things)")
            ]
        }
        guard count < bounds.least else { return [] }
        return [
            .invalid(path, .count(count), "must have at least \(bounds.least) \(things)")
        ]
    }
}

extension JSONNumber {
    fileprivate func isMultiple(of factor: JSONNumber) -> Bool {
        if let int, let divisor = factor.int, divisor != 0 {
            return int.isMultiple(of: divisor)
        }
        let quotient = double / factor.double
        return (quotient - quotient.rounded()).magnitude < 1e-9
    }
}
