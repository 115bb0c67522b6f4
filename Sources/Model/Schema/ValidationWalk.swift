import APIModel
import JSON

/// Collects everything that a schema forbids.
struct ValidationWalk {
    var path: PathStack
    private(set) var errors: [FieldError] = []

    init(_ base: FieldPath) { path = PathStack(base) }

    /// - Parameter old: the value that was there before, if it is known: what has not changed in a
    ///   custom resource is not refused.
    mutating func validate(_ value: JSONValue, _ node: SchemaNode, from old: JSONValue? = nil) {
        guard node.hasRules else { return }
        if let custom = node.custom {
            validateCustom(value, node, custom, from: old)
            return
        }
        switch (node.shape, value) {
        case (.object, .object(let object)): validate(object, node)
        case (.map, .object(let object)): validateMap(object, node)
        case (.array, .array(let elements)): validate(elements, node)
        case (.object, _), (.map, _), (.array, _): reportType(of: value, node)
        default: validateScalar(value, node)
        }
    }

    mutating func reportType(of value: JSONValue, _ node: SchemaNode) {
        report(.typeInvalid(path.path, value, "must be of type \(node.typeName)"))
    }

    private mutating func validateScalar(_ value: JSONValue, _ node: SchemaNode) {
        guard let rules = node.constraints else { return }
        switch (node.shape, value) {
        case (.string, .string(let text)): validate(text, value, rules)
        case (.integer, .number(let number)), (.number, .number(let number)):
            validate(number, value, rules)
        case (.intOrString, .number), (.intOrString, .string): validateIntOrString(value, rules)
        case (.boolean, .bool), (.any, _): validateEnumeration(value, rules)
        default: reportType(of: value, node)
        }
    }

    mutating func report(_ error: FieldError) {
        if errors.count < Limits.reportedErrorCountMax { errors.append(error) }
    }

    // MARK: Objects

    private mutating func validate(_ object: JSONObject, _ node: SchemaNode) {
        var requiredCount = 0
        for member in object.members {
            guard let property = node.property(member.key) else { continue }
            if property.isRequired && !member.value.isNull { requiredCount += 1 }
            guard property.node.hasRules, !member.value.isNull else { continue }
            path.push(member: member.key)
            validate(member.value, property.node)
            path.pop()
        }
        guard requiredCount < node.requiredNames.count else { return }
        for name in node.requiredNames where object[name]?.isNull ?? true {
            report(.required(path.path.child(name)))
        }
    }

    private mutating func validateMap(_ object: JSONObject, _ node: SchemaNode) {
        guard let element = node.element else { return }
        for member in object.members {
            path.push(key: member.key)
            if let format = node.keyFormat {
                for problem in format.check(member.key) {
                    report(.invalid(path.path, .string(member.key), problem))
                }
            }
            validate(member.value, element)
            path.pop()
        }
    }

    // MARK: Lists

    private mutating func validate(_ elements: [JSONValue], _ node: SchemaNode) {
        if let rules = node.constraints, !isCountFine(elements.count, rules) { return }
        if let element = node.element, element.hasRules {
            for index in elements.indices {
                path.push(index: index)
                validate(elements[index], element)
                path.pop()
            }
        }
        if elements.count > 1 && !node.list.allowsDuplicates { findDuplicates(elements, node.list) }
    }

    /// Whether the elements need to be looked at; reports a wrong number of them.
    private mutating func isCountFine(_ count: Int, _ rules: Constraints) -> Bool {
        if let countMax = rules.maxItems, count > countMax {
            report(.tooMany(path.path, count: count, countMax: countMax))
            return false
        }
        if count < rules.minItems {
            report(
                count == 0
                    ? .required(path.path)
                    : FieldError(
                        kind: .tooFew, path: path.path, value: .count(count),
                        detail: "must have at least \(rules.minItems) items"))
        }
        return true
    }

    mutating func findDuplicates(_ elements: [JSONValue], _ rules: ListRules) {
        guard rules.kind != .atomic else { return }
        var seen: Set<JSONValue> = []
        for index in elements.indices {
            let identity =
                rules.kind == .set ? elements[index] : rules.identity(of: elements[index])
            guard !seen.insert(identity).inserted else { continue }
            let place = path.path.index(index)
            if rules.keys.count == 1, let value = identity[rules.keys[0]] {
                report(.duplicate(place.child(rules.keys[0]), value))
            } else if rules.keys.count != 1 {
                report(.duplicate(place, identity))
            }
        }
    }
}

extension ListRules {
    /// The members that tell an element of a list of kind `map` from others.
    func identity(of element: JSONValue) -> JSONValue {
        var identity = JSONObject(reserving: keys.count)
        for key in keys { identity[key] = element[key] }
        return .object(identity)
    }
}

extension JSONValue {
    static func count(_ count: Int) -> JSONValue { .number(JSONNumber(Int64(count))) }
}
