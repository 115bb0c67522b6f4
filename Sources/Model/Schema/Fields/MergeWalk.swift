import JSON
import Ownership

/// Lays an applied configuration over an object: what it names takes its value, and nothing else
/// changes.
enum MergeWalk {
    static func merge(
        _ applied: JSONValue, into live: JSONValue?, _ node: SchemaNode?
    ) -> JSONValue {
        guard let live, FieldForm(live, node) == FieldForm(applied, node) else { return applied }
        switch (FieldForm(applied, node), live, applied) {
        case (.map, .object(let present), .object(let members)):
            return .object(merge(members, into: present, node))
        case (.list, .array(let present), .array(let elements)):
            guard let node else { return applied }
            return .array(ElementMerge(present, elements, node).merged())
        default: return applied
        }
    }

    private static func merge(
        _ applied: JSONObject, into live: JSONObject, _ node: SchemaNode?
    ) -> JSONObject {
        var merged = live
        for member in applied.members {
            let (child, _) = node?.member(member.key) ?? (nil, nil)
            merged[member.key] = merge(member.value, into: live[member.key], child)
        }
        return merged
    }
}

/// Merges two lists whose elements can be told apart. The order is that of the applied list; what
/// it does not name stays behind what it followed.
private struct ElementMerge {
    private struct Item {
        /// `nil` for what cannot be told apart, which stays as it is.
        let step: FieldStep?
        let value: JSONValue
    }

    private let live: [Item]
    private let applied: [Item]
    private let node: SchemaNode
    private let liveByStep: [FieldStep: JSONValue?]
    private let appliedByStep: [FieldStep: JSONValue]

    init(_ live: [JSONValue], _ applied: [JSONValue], _ node: SchemaNode) {
        self.node = node
        self.live = live.map { Item(step: node.step(to: $0), value: $0) }
        self.applied = applied.map { Item(step: node.step(to: $0), value: $0) }
        var liveByStep: [FieldStep: JSONValue?] = [:]
        for item in self.live {
            guard let step = item.step else { continue }
            // Of several alike none is merged with what is applied.
            liveByStep.updateValue(liveByStep[step] == nil ? item.value : nil, forKey: step)
        }
        self.liveByStep = liveByStep
        var appliedByStep: [FieldStep: JSONValue] = [:]
        for item in self.applied {
            if let step = item.step, appliedByStep[step] == nil { appliedByStep[step] = item.value }
        }
        self.appliedByStep = appliedByStep
    }

    private func isApplied(_ item: Item) -> Bool {
        item.step.map { appliedByStep[$0] != nil } ?? false
    }

    private func merged(_ item: Item) -> JSONValue {
        guard let step = item.step, let present = liveByStep[step] ?? nil else {
            return item.value
        }
        return MergeWalk.merge(item.value, into: present, node.element)
    }

    func merged() -> [JSONValue] {
        var result: [JSONValue] = []
        result.reserveCapacity(max(live.count, applied.count))
        var shared = applied.compactMap(\.step).filter { liveByStep[$0] != nil }[...]
        var taken: Set<FieldStep> = []
        var (next, nextApplied) = (0, 0)
        while next < live.count || nextApplied < applied.count {
            if next < live.count {
                let present = live[next]
                let isNext =
                    nextApplied < applied.count && applied[nextApplied].step == present.step
                if !isApplied(present) {
                    result.append(present.value)
                    next += 1
                    continue
                }
                if isNext {
                    next += 1
                } else if nextApplied == applied.count
                    || shared.first != nil && shared.first != present.step
                {
                    // It stands elsewhere in what is applied.
                    next += 1
                    continue
                } else if present.step.map(taken.contains) ?? false {
                    next += 1
                }
            }
            guard nextApplied < applied.count else { continue }
            let item = applied[nextApplied]
            nextApplied += 1
            result.append(merged(item))
            if let step = item.step { taken.insert(step) }
            if shared.first == item.step { shared = shared.dropFirst() }
        }
        return result
    }
}
