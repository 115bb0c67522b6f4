import JSON

/// Adds what is absent and has a default.
enum Defaulting {
    static func apply(_ value: inout JSONValue, _ node: SchemaNode) {
        guard node.hasDefaults else { return }
        switch node.shape {
        case .object: _ = value.updateObject { apply(&$0, node) }
        case .map:
            guard let element = node.element else { return }
            _ = value.updateObject { $0.updateValues { _, value in apply(&value, element) } }
        case .array:
            guard let element = node.element else { return }
            _ = value.updateArray { array in
                for index in array.indices { apply(&array[index], element) }
            }
        default: break
        }
    }

    private static func apply(_ object: inout JSONObject, _ node: SchemaNode) {
        var presentCount = 0
        object.updateValues { name, value in
            guard let property = node.property(name) else { return }
            if let defaultValue = property.defaultValue {
                presentCount += 1
                if isAbsent(value, property.node, defaultValue) { value = defaultValue }
            }
            apply(&value, property.node)
        }
        guard presentCount < node.defaultedProperties.count else { return }
        for property in node.defaultedProperties where !object.contains(property.name) {
            object[property.name] = property.defaultValue
        }
    }

    /// Whether a value that is there says no more than that it is not: Go writes and reads an unset
    /// string as an empty one, and an unset number as zero, which counts where zero is not allowed.
    private static func isAbsent(
        _ value: JSONValue, _ node: SchemaNode, _ defaultValue: JSONValue
    ) -> Bool {
        if node.custom != nil { return value.isNull && !node.isNullable }
        switch value {
        case .null: return true
        case .string(let text): return text.isEmpty && node.shape == .string
        case .number(let number):
            guard number.int == 0, let rules = node.constraints, let minimum = rules.minimum else {
                return false
            }
            return minimum.double > 0 || rules.excludesMinimum && minimum.int == 0
        default: return false
        }
    }
}
