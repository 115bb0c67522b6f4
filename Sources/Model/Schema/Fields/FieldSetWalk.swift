import JSON
import Ownership

/// An element of a list that says not which one it is, or one that is there twice.
public struct ListElementError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where, and what is wrong with it.
    public let description: String
}

/// Every field that an object has a value for: what somebody who applies it wants to own. Elements
/// of lists and entries of maps count beside what is in them, other containers only when they are
/// empty.
struct FieldSetWalk {
    /// Whether elements that cannot be told apart are refused, or left out.
    private let isStrict: Bool
    private var path: [FieldStep] = []

    private init(isStrict: Bool) { self.isStrict = isStrict }

    /// The fields of an object that the server has.
    static func fields(of object: JSONValue, _ node: SchemaNode, _ scope: FieldScope) -> FieldSet {
        var walk = FieldSetWalk(isStrict: false)
        return (try? walk.fields(of: object, node, scope)) ?? FieldSet()
    }

    /// The fields of an object that a client sent.
    static func checkedFields(
        of object: JSONValue, _ node: SchemaNode, _ scope: FieldScope
    ) throws(ListElementError) -> FieldSet {
        var walk = FieldSetWalk(isStrict: true)
        return try walk.fields(of: object, node, scope)
    }

    private mutating func fields(
        of object: JSONValue, _ node: SchemaNode, _ scope: FieldScope
    ) throws(ListElementError) -> FieldSet {
        var entries: [FieldSet.Entry] = []
        for member in object.object?.members ?? []
        where member.key != "metadata" && scope.includes(member.key) {
            entries.append(try entry(member, node))
        }
        if scope.includes("metadata"), case .object(let metadata)? = object["metadata"] {
            let (child, _) = node.member("metadata")
            path = [.field("metadata")]
            var inside: [FieldSet.Entry] = []
            for member in metadata.members where scope.includes(metadata: member.key) {
                inside.append(try entry(member, child))
            }
            path = []
            entries.append(
                FieldSet.Entry(.field("metadata"), isMember: false, below: FieldSet(inside)))
        }
        return FieldSet(entries)
    }

    private mutating func entry(
        _ member: JSONObject.Member, _ node: SchemaNode?
    ) throws(ListElementError) -> FieldSet.Entry {
        let (child, property) = node?.member(member.key) ?? (nil, nil)
        var entry = try self.entry(member.value, child, at: .field(member.key))
        let isEmpty = member.value.isNull || member.value.object?.isEmpty == true
        if isEmpty || property == nil { entry.isMember = true }
        return entry
    }

    private mutating func entry(
        _ value: JSONValue, _ node: SchemaNode?, at step: FieldStep
    ) throws(ListElementError) -> FieldSet.Entry {
        path.append(step)
        defer { path.removeLast() }
        switch FieldForm(value, node) {
        case .leaf: return FieldSet.Entry(step, isMember: true)
        case .map:
            var inside: [FieldSet.Entry] = []
            for member in value.object?.members ?? [] {
                inside.append(try entry(member, node))
            }
            return FieldSet.Entry(step, isMember: false, below: FieldSet(inside))
        case .list:
            guard let node else { return FieldSet.Entry(step, isMember: true) }
            let inside = try entries(of: value.array ?? [], node)
            return FieldSet.Entry(step, isMember: false, below: FieldSet(inside))
        }
    }

    private mutating func entries(
        of elements: [JSONValue], _ node: SchemaNode
    ) throws(ListElementError) -> [FieldSet.Entry] {
        if isStrict { try checkSteps(elements, node) }
        var entries: [FieldSet.Entry] = []
        for (step, same) in node.steps(in: elements) {
            if same.count > 1 {
                if isStrict { throw error("duplicate entries for key \(step)") }
                entries.append(FieldSet.Entry(step, isMember: true))
            } else {
                var entry = try entry(same[0], node.element, at: step)
                entry.isMember = true
                entries.append(entry)
            }
        }
        return entries
    }

    private func checkSteps(
        _ elements: [JSONValue], _ node: SchemaNode
    ) throws(ListElementError) {
        for (index, element) in elements.enumerated() where node.step(to: element) == nil {
            guard let members = element.object, node.list.kind == .map else {
                throw error("element \(index): \(element.typeName) cannot be told from others")
            }
            let missing = node.list.keys.first {
                members[$0] == nil && node.element?.property($0)?.defaultValue == nil
            }
            throw error(
                "element \(index): associative list with keys has an element that omits key field "
                    + "\"\(missing ?? "")\" (and doesn't have default value)")
        }
    }

    private func error(_ problem: String) -> ListElementError {
        ListElementError(
            description: path.map(\.description).joined() + ": " + problem)
    }
}
