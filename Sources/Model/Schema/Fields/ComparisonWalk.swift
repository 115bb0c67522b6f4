import JSON
import Ownership

/// What differs between two objects.
public struct FieldChanges: Sendable {
    /// What is new, and what is another value.
    public var written = FieldSet()
    /// What is no longer there.
    public var removed = FieldSet()

    public var isEmpty: Bool { written.isEmpty && removed.isEmpty }
}

/// Compares two objects field by field (Kubernetes enhancement 555, "Comparison"). A container that
/// appears or disappears counts beside what is in it.
struct ComparisonWalk {
    private let scope: FieldScope

    /// How one place differs.
    private struct Difference {
        var isWritten = false
        var isRemoved = false
        var written = FieldSet()
        var removed = FieldSet()
    }

    /// The differences of what is in a container.
    private struct Gathering {
        var written: [FieldSet.Entry] = []
        var removed: [FieldSet.Entry] = []

        mutating func add(_ difference: Difference, at step: FieldStep) {
            if difference.isWritten || !difference.written.isEmpty {
                written.append(
                    FieldSet.Entry(
                        step, isMember: difference.isWritten, below: difference.written))
            }
            if difference.isRemoved || !difference.removed.isEmpty {
                removed.append(
                    FieldSet.Entry(
                        step, isMember: difference.isRemoved, below: difference.removed))
            }
        }

        mutating func add(_ name: String, _ difference: Difference) {
            let isNothing =
                !difference.isWritten && !difference.isRemoved && difference.written.isEmpty
                && difference.removed.isEmpty
            if !isNothing { add(difference, at: .field(name)) }
        }
    }

    /// - Parameter old: `nil` for an object that is not there yet.
    static func compare(
        _ old: JSONValue?, _ new: JSONValue, _ node: SchemaNode, _ scope: FieldScope
    ) -> FieldChanges {
        let walk = ComparisonWalk(scope: scope)
        var all = Gathering()
        walk.compareMembers(old ?? .object(JSONObject()), new, node, into: &all) { name in
            name != "metadata" && scope.includes(name)
        }
        if scope.includes("metadata") {
            let (metadata, _) = node.member("metadata")
            var inside = Gathering()
            walk.compareMembers(
                old?["metadata"] ?? .object(JSONObject()), new["metadata"] ?? .null, metadata,
                into: &inside, including: scope.includes(metadata:))
            all.add(
                "metadata",
                Difference(
                    written: FieldSet(distinct: inside.written),
                    removed: FieldSet(distinct: inside.removed)))
        }
        return FieldChanges(
            written: FieldSet(distinct: all.written), removed: FieldSet(distinct: all.removed))
    }

    private func compare(
        _ old: JSONValue?, _ new: JSONValue?, _ node: SchemaNode?
    ) -> Difference {
        var difference = Difference(isWritten: old == nil, isRemoved: new == nil)
        let form = (new ?? old).map { FieldForm($0, node) } ?? .leaf
        if let old, let new, FieldForm(old, node) != form {
            // What was one value has members now, or the other way round.
            difference.isWritten = true
            difference.written = compare(nil, new, node).written
            difference.removed = compare(old, nil, node).removed
            return difference
        }
        if form == .leaf || old?.hasNothingInside ?? true && new?.hasNothingInside ?? true {
            if let old, let new { difference.isWritten = old != new }
            return difference
        }
        var inside = Gathering()
        if form == .map {
            compareMembers(old, new, node, into: &inside) { _ in true }
        } else if let node {
            compareElements(old?.array ?? [], new?.array ?? [], node, into: &inside)
        }
        difference.written = FieldSet(distinct: inside.written)
        difference.removed = FieldSet(distinct: inside.removed)
        return difference
    }

    private func compareMembers(
        _ old: JSONValue?, _ new: JSONValue?, _ node: SchemaNode?, into inside: inout Gathering,
        including isIncluded: (String) -> Bool
    ) {
        let before = old?.object
        let after = new?.object
        for member in after?.members ?? [] where isIncluded(member.key) {
            let (child, property) = node?.member(member.key) ?? (nil, nil)
            var previous = before?[member.key]
            if previous == nil, old != nil { previous = property?.valueOfNew }
            if let previous, previous == member.value { continue }
            inside.add(member.key, compare(previous, member.value, child))
        }
        for member in before?.members ?? [] where isIncluded(member.key) {
            guard after?[member.key] == nil else { continue }
            let (child, property) = node?.member(member.key) ?? (nil, nil)
            let next = new == nil ? nil : property?.valueOfNew
            if let next, next == member.value { continue }
            inside.add(member.key, compare(member.value, next, child))
        }
    }

    /// Goes through both lists in the order of steps.
    private func compareElements(
        _ old: [JSONValue], _ new: [JSONValue], _ node: SchemaNode, into inside: inout Gathering
    ) {
        var before = node.steps(in: old)[...]
        for (step, elements) in node.steps(in: new) {
            while let first = before.first, first.step < step {
                inside.add(compare(first.elements, [], node.element), at: first.step)
                before.removeFirst()
            }
            var previous: [JSONValue] = []
            if let first = before.first, first.step == step {
                previous = first.elements
                before.removeFirst()
            }
            if previous != elements {
                inside.add(compare(previous, elements, node.element), at: step)
            }
        }
        for (step, elements) in before {
            inside.add(compare(elements, [], node.element), at: step)
        }
    }

    /// Compares the elements of one step. Several count as one value.
    private func compare(
        _ old: [JSONValue], _ new: [JSONValue], _ node: SchemaNode?
    ) -> Difference {
        guard old.count > 1 || new.count > 1 else { return compare(old.first, new.first, node) }
        return Difference(isWritten: !new.isEmpty && old != new, isRemoved: new.isEmpty)
    }
}
