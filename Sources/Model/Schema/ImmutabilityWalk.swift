import APIModel
import JSON

/// Finds fields that may not change and have, between two states of one object.
struct ImmutabilityWalk {
    private var path: PathStack
    private(set) var errors: [FieldError] = []

    init(_ base: FieldPath) { path = PathStack(base) }

    mutating func compare(_ old: JSONValue, _ new: JSONValue, _ node: SchemaNode) {
        guard node.hasImmutable else { return }
        switch (node.shape, old, new) {
        case (.object, .object(let old), .object(let new)): compare(old, new, node)
        case (.map, .object(let old), .object(let new)):
            guard let element = node.element else { return }
            for (key, value) in new {
                guard let previous = old[key] else { continue }
                path.push(key: key)
                compare(previous, value, element)
                path.pop()
            }
        case (.array, .array(let old), .array(let new)): compare(old, new, node)
        default: break
        }
    }

    private mutating func compare(_ old: JSONObject, _ new: JSONObject, _ node: SchemaNode) {
        for property in node.properties where property.isImmutable || property.node.hasImmutable {
            let (before, after) = (old[property.name] ?? .null, new[property.name] ?? .null)
            guard before != after else { continue }
            path.push(member: property.name)
            if property.isImmutable {
                errors.append(.invalid(path.path, after, "field is immutable"))
            } else {
                compare(before, after, property.node)
            }
            path.pop()
        }
    }

    private mutating func compare(_ old: [JSONValue], _ new: [JSONValue], _ node: SchemaNode) {
        guard let element = node.element else { return }
        var byIdentity: [JSONValue: JSONValue] = [:]
        if node.list.kind == .map {
            for value in old { byIdentity[node.list.identity(of: value)] = value }
        }
        for index in new.indices {
            let before =
                node.list.kind == .map
                ? byIdentity[node.list.identity(of: new[index])]
                : old.indices.contains(index) ? old[index] : nil
            guard let before else { continue }
            path.push(index: index)
            compare(before, new[index], element)
            path.pop()
        }
    }
}
