import APIModel
import JSON
import Patterns

extension ValidationWalk {
    mutating func validateEnumeration(_ value: JSONValue, _ rules: Constraints) {
        guard !rules.enumeration.isEmpty, !rules.enumeration.contains(value) else { return }
        let supported = rules.enumeration.map { $0.string ?? $0.description }
        report(.notSupported(path.path, value, supported: supported))
    }

    /// Text without characters says that the field is unset: only its length and its enumeration
    /// are looked at.
    mutating func validate(_ text: String, _ value: JSONValue, _ rules: Constraints) {
        if text.isEmpty && rules.minLength > 0 { return report(.required(path.path)) }
        // Text has at least as many bytes as scalars, so that most need not be counted.
        if rules.minLength > 1 || rules.maxLength.map({ text.utf8.count > $0 }) == true {
            let length = text.unicodeScalars.count
            if length < rules.minLength {
                report(
                    FieldError(
                        kind: .tooShort, path: path.path,
                        detail: "must have at least \(rules.minLength) characters"))
            }
            if let lengthMax = rules.maxLength, length > lengthMax {
                report(.tooLong(path.path, byteCountMax: lengthMax))
            }
        }
        validateEnumeration(value, rules)
        guard !text.isEmpty else { return }
        if let pattern = rules.pattern, !pattern.matches(text) {
            report(.invalid(path.path, value, "must match the pattern '\(pattern.source)'"))
        }
        if case .text(let format) = rules.format {
            for problem in format.check(text) { report(.invalid(path.path, value, problem)) }
        }
    }

    mutating func validate(_ number: JSONNumber, _ value: JSONValue, _ rules: Constraints) {
        validateEnumeration(value, rules)
        guard let problem = rules.problem(of: number) else { return }
        report(.invalid(path.path, value, problem))
    }

    mutating func validateIntOrString(_ value: JSONValue, _ rules: Constraints) {
        switch rules.format {
        case .portNumberOrName:
            for error in IntOrString(value)?.portErrors(path.path) ?? [] { report(error) }
        case .intOrPercent:
            for error in IntOrString(value)?.amountErrors(path.path) ?? [] { report(error) }
        case .text, nil:
            if case .string(let text) = value { validate(text, value, rules) }
        }
        if case .number(let number) = value { validate(number, value, rules) }
    }
}

extension Constraints {
    /// What is wrong with a number's size.
    func problem(of number: JSONNumber) -> String? {
        let isTooSmall = minimum.map { number.isLess(than: $0) || excludesMinimum && number == $0 }
        let isTooLarge = maximum.map { $0.isLess(than: number) || excludesMaximum && number == $0 }
        guard isTooSmall == true || isTooLarge == true else { return nil }
        if let minimum, let maximum, !excludesMinimum, !excludesMaximum {
            return "must be between \(minimum) and \(maximum), inclusive"
        }
        if let minimum, isTooSmall == true {
            return "must be greater than \(excludesMinimum ? "" : "or equal to ")\(minimum)"
        }
        return maximum.map { "must be less than \(excludesMaximum ? "" : "or equal to ")\($0)" }
    }
}

extension JSONNumber {
    func isLess(than other: JSONNumber) -> Bool {
        if let int, let bound = other.int { return int < bound }
        return double < other.double
    }
}
