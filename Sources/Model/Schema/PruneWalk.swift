import APIModel
import JSON

/// Finds the members that a schema does not know, and removes them.
struct PruneWalk {
    private var path = PathStack(.root)
    private var unknown: [String] = []
    private var hasUnknown = false

    static func prune(_ value: inout JSONValue, _ node: SchemaNode) -> [String] {
        var walk = PruneWalk()
        walk.find(value, node)
        if walk.hasUnknown { remove(from: &value, node) }
        return walk.unknown
    }

    private mutating func find(_ value: JSONValue, _ node: SchemaNode) {
        guard node.hasFields else { return }
        switch (node.shape, value) {
        case (.object, .object(let object)): find(object, node)
        case (.map, .object(let object)):
            guard let element = node.element else { return }
            for member in object.members { find(member.value, element, in: member.key) }
        case (.array, .array(let elements)):
            guard let element = node.element else { return }
            for index in elements.indices {
                path.push(index: index)
                find(elements[index], element)
                path.pop()
            }
        default: break
        }
    }

    private mutating func find(_ object: JSONObject, _ node: SchemaNode) {
        for member in object.members {
            if let property = node.property(member.key) {
                if property.node.hasFields { find(member.value, property.node, in: member.key) }
            } else if !node.keepsUnknown {
                note(member.key)
            }
        }
    }

    private mutating func find(_ value: JSONValue, _ node: SchemaNode, in name: String) {
        path.push(member: name)
        find(value, node)
        path.pop()
    }

    private mutating func note(_ name: String) {
        hasUnknown = true
        guard unknown.count < Limits.reportedUnknownFieldCountMax else { return }
        unknown.append(path.path.child(name).description)
    }

    private static func remove(from value: inout JSONValue, _ node: SchemaNode) {
        guard node.hasFields else { return }
        switch node.shape {
        case .object:
            _ = value.updateObject { object in
                if !node.keepsUnknown { object.removeAll { node.property($0.key) == nil } }
                object.updateValues { key, value in
                    if let property = node.property(key) { remove(from: &value, property.node) }
                }
            }
        case .map:
            guard let element = node.element else { return }
            _ = value.updateObject { object in
                object.updateValues { _, value in remove(from: &value, element) }
            }
        case .array:
            guard let element = node.element else { return }
            _ = value.updateArray { array in
                for index in array.indices { remove(from: &array[index], element) }
            }
        default: break
        }
    }
}
