// The values of custom resources: types are rules among others, and what has not changed is fine.

import APIModel
import JSON

extension ValidationWalk {
    mutating func validateCustom(
        _ value: JSONValue, _ node: SchemaNode, _ custom: CustomRules, from old: JSONValue?
    ) {
        if let old, old == value { return }
        if value.isNull, custom.isNullable { return }
        guard node.shape.fits(value) else {
            report(
                .typeInvalid(
                    path.path, value.shape,
                    "must be of type \(node.shape.name), not \(value.typeName)"))
            return
        }
        for error in node.constraints?.problems(of: value, at: path.path) ?? [] { report(error) }
        switch value {
        case .object(let object):
            validateMembers(object, node, from: old?.object)
            if custom.isEmbedded { validateEmbedded(object) }
        case .array(let elements): validateElements(elements, node, from: old?.array)
        default: break
        }
        if let condition = custom.condition {
            for error in condition.problems(of: value, at: path.path) { report(error) }
        }
    }

    private mutating func validateMembers(
        _ object: JSONObject, _ node: SchemaNode, from old: JSONObject?
    ) {
        for member in object.members {
            if let property = node.property(member.key) {
                path.push(member: member.key)
                validate(member.value, property.node, from: old?[member.key])
                path.pop()
            } else if let element = node.element {
                path.push(member: member.key)
                validate(member.value, element, from: old?[member.key])
                path.pop()
            }
        }
        for name in node.requiredNames where !object.contains(name) {
            report(.required(path.path.child(name)))
        }
    }

    private mutating func validateElements(
        _ elements: [JSONValue], _ node: SchemaNode, from old: [JSONValue]?
    ) {
        if let element = node.element {
            let correlation = old.map { ListCorrelation($0, node.list) }
            for index in elements.indices {
                path.push(index: index)
                validate(elements[index], element, from: correlation?.old(of: elements[index]))
                path.pop()
            }
        }
        guard node.list.kind != .atomic, elements.count > 1 else { return }
        findDuplicates(elements, node.list)
    }

    /// The object inside: what it is has to be said, and its name has to be one.
    private mutating func validateEmbedded(_ object: JSONObject) {
        for name in ["apiVersion", "kind"] {
            guard object[name]?.string?.isEmpty ?? true else { continue }
            report(.required(path.path.child(name)))
        }
        let metadata = path.path.child("metadata")
        if let name = object["metadata"]?["name"]?.string, !name.isEmpty {
            for problem in ValueFormat.pathSegmentName.check(name) {
                report(.invalid(metadata.child("name"), .string(name), problem))
            }
        }
        for (key, value) in object["metadata"]?["labels"]?.object ?? [:] {
            for problem in ValueFormat.labelValue.check(value.string ?? "") {
                report(.invalid(metadata.child("labels").key(key), value, problem))
            }
        }
    }
}

/// Finds the element of the former list that an element has come from. Only lists of type map say.
struct ListCorrelation {
    private var byIdentity: [JSONValue: JSONValue] = [:]
    private let rules: ListRules

    init(_ old: [JSONValue], _ rules: ListRules) {
        self.rules = rules
        guard rules.kind == .map else { return }
        for element in old { byIdentity[rules.identity(of: element)] = element }
    }

    func old(of element: JSONValue) -> JSONValue? {
        rules.kind == .map ? byIdentity[rules.identity(of: element)] : nil
    }
}
