// The constraints of a schema that a user wrote.

import APIModel
import JSON
import Patterns

extension CustomSchemaReader {
    /// `nil` when nothing is demanded beyond the type.
    func constraints() -> Constraints? {
        let rules = Constraints()
        rules.enumeration = array("enum")
        rules.minimum = number("minimum")
        rules.maximum = number("maximum")
        rules.excludesMinimum = bool("exclusiveMinimum")
        rules.excludesMaximum = bool("exclusiveMaximum")
        rules.minLength = count("minLength") ?? 0
        rules.maxLength = count("maxLength")
        rules.minItems = count("minItems") ?? 0
        rules.maxItems = count("maxItems")
        rules.minProperties = count("minProperties") ?? 0
        rules.maxProperties = count("maxProperties")
        rules.multipleOf = number("multipleOf")
        if let multipleOf = rules.multipleOf, multipleOf.double <= 0 {
            refuse("multipleOf", "must be greater than 0")
            rules.multipleOf = nil
        }
        rules.pattern = pattern()
        rules.customFormat = string("format").flatMap(CustomFormat.init)
        checkBounds(rules)
        return rules.isEmpty ? nil : rules
    }

    private func pattern() -> RegularExpression? {
        guard let source = string("pattern"), !source.isEmpty else { return nil }
        do {
            return try RegularExpression(source)
        } catch {
            refuse("pattern", "must be a valid regular expression: \(error)")
            return nil
        }
    }

    private func checkBounds(_ rules: Constraints) {
        if has("enum"), rules.enumeration.isEmpty {
            refuse("enum", "must have at least one value")
        }
        for (index, value) in rules.enumeration.enumerated()
        where rules.enumeration[..<index].contains(value) {
            report.add(.duplicate(path.child("enum").index(index), value))
        }
    }
}
