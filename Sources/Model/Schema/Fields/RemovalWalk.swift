import JSON
import Ownership

/// Takes fields out of an object.
enum RemovalWalk {
    /// Without the members of `fields`, and without lists and maps that are empty then.
    /// - Returns: `nil` when nothing is left.
    static func remove(
        _ fields: FieldSet, from value: JSONValue, _ node: SchemaNode?
    ) -> JSONValue? {
        switch (FieldForm(value, node), value) {
        case (.map, .object(let members)): return remove(fields, from: members, node)
        case (.list, .array(let elements)): return remove(fields, from: elements, node)
        // What is inside of one value has no owners.
        case (.leaf, .array), (.leaf, .object): return nil
        default: return value
        }
    }

    private static func remove(
        _ fields: FieldSet, from members: JSONObject, _ node: SchemaNode?
    ) -> JSONValue? {
        var kept = JSONObject(reserving: members.count)
        for member in members.members {
            guard let entry = fields.entry(.field(member.key)) else {
                kept[member.key] = member.value
                continue
            }
            if entry.isMember { continue }
            let (child, _) = node?.member(member.key) ?? (nil, nil)
            kept[member.key] = remove(entry.below, from: member.value, child)
        }
        // An object that says nothing is not the same as none, as a map is.
        return kept.isEmpty && node?.shape == .map ? nil : .object(kept)
    }

    private static func remove(
        _ fields: FieldSet, from elements: [JSONValue], _ node: SchemaNode?
    ) -> JSONValue? {
        var kept: [JSONValue] = []
        for element in elements {
            guard let step = node?.step(to: element), let entry = fields.entry(step) else {
                kept.append(element)
                continue
            }
            if entry.isMember { continue }
            if let rest = remove(entry.below, from: element, node?.element) { kept.append(rest) }
        }
        return kept.isEmpty ? nil : .array(kept)
    }
}

extension FieldSet {
    /// The same with the containers that a schema names and that have members below them.
    func withNamedContainers(_ node: SchemaNode?) -> FieldSet {
        FieldSet(
            entries.map { entry in
                guard !entry.below.isEmpty else { return entry }
                var entry = entry
                var child = node?.element
                if case .field(let name) = entry.step {
                    let (member, property) = node?.member(name) ?? (nil, nil)
                    child = member
                    if property != nil { entry.isMember = true }
                }
                entry.below = entry.below.withNamedContainers(child)
                return entry
            })
    }
}
