// What `allOf`, `anyOf`, `oneOf` and `not` say of a value.

import APIModel
import JSON

/// A schema that only judges: it has no types, no defaults, and removes nothing.
final class ValueCondition: @unchecked Sendable {
    // Reason: written only while it is being compiled; afterwards it is only read.

    /// Looked at where the constraint fits the value's type.
    var constraints: Constraints?
    /// Only beside `x-kubernetes-int-or-string`.
    var type: SchemaNode.Shape?
    var requiredNames: [String] = []
    var properties: [(name: String, condition: ValueCondition)] = []
    var additionalProperties: ValueCondition?
    var items: ValueCondition?
    var all: [ValueCondition] = []
    var any: [ValueCondition] = []
    var one: [ValueCondition] = []
    var none: ValueCondition?

    var isEmpty: Bool {
        constraints == nil && type == nil && requiredNames.isEmpty && properties.isEmpty
            && additionalProperties == nil && items == nil && all.isEmpty && any.isEmpty
            && one.isEmpty && none == nil
    }

    func isMet(by value: JSONValue) -> Bool { problems(of: value, at: .root).isEmpty }

    /// Everything about `value` that the condition forbids.
    func problems(of value: JSONValue, at path: FieldPath) -> [FieldError] {
        if let type, !type.fits(value) {
            return [.typeInvalid(path, value, "must be of type \(type.name)")]
        }
        var errors = constraints?.problems(of: value, at: path) ?? []
        switch value {
        case .object(let object): errors += problems(of: object, at: path)
        case .array(let elements):
            guard let items else { break }
            for (index, element) in elements.enumerated() {
                errors += items.problems(of: element, at: path.index(index))
            }
        default: break
        }
        return errors + junctionProblems(of: value, at: path)
    }

    private func problems(of object: JSONObject, at path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        for (name, condition) in properties {
            guard let member = object[name] else { continue }
            errors += condition.problems(of: member, at: path.child(name))
        }
        if let additionalProperties {
            for member in object.members
            where !properties.contains(where: { $0.name == member.key }) {
                errors += additionalProperties.problems(of: member.value, at: path.key(member.key))
            }
        }
        for name in requiredNames where !object.contains(name) {
            errors.append(.required(path.child(name)))
        }
        return errors
    }

    private func junctionProblems(of value: JSONValue, at path: FieldPath) -> [FieldError] {
        var errors = all.flatMap { $0.problems(of: value, at: path) }
        if !any.isEmpty, !any.contains(where: { $0.isMet(by: value) }) {
            errors.append(
                .invalid(path, value.shape, "must validate at least one schema (anyOf)"))
        }
        if !one.isEmpty {
            let count = one.count { $0.isMet(by: value) }
            if count != 1 {
                errors.append(
                    .invalid(
                        path, value.shape,
                        "must validate one and only one schema (oneOf), and validates \(count)"))
            }
        }
        if let none, none.isMet(by: value) {
            errors.append(.invalid(path, value.shape, "must not validate the schema (not)"))
        }
        return errors
    }
}

extension JSONValue {
    /// A scalar itself; of a list or an object only what it is, as messages show it.
    var shape: JSONValue {
        switch self {
        case .array, .object: .string(typeName)
        default: self
        }
    }
}

extension SchemaNode.Shape {
    /// What schemas call the type.
    var name: String {
        switch self {
        case .object, .map: "object"
        case .array: "array"
        case .string: "string"
        case .integer: "integer"
        case .number: "number"
        case .boolean: "boolean"
        case .intOrString: "integer or string"
        case .any: "anything"
        }
    }

    /// Whether a value of a custom resource is of this type. `1.0` is an integer.
    func fits(_ value: JSONValue) -> Bool {
        switch (self, value) {
        case (.object, .object), (.map, .object), (.array, .array), (.string, .string),
            (.number, .number), (.boolean, .bool), (.intOrString, .string), (.any, _):
            true
        case (.integer, .number(let number)), (.intOrString, .number(let number)):
            number.int != nil
        default: false
        }
    }
}
