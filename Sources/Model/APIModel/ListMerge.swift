// Lists that a strategic merge patch merges instead of replacing them.

import JSON

/// Merges a list of objects by a key, or a list of scalars as a set.
struct ListMerge {
    private let element: (any MergeSchema)?
    private let mergeKey: String?
    private let field: String

    init(_ schema: (any MergeSchema)?, field: String) {
        element = schema?.element
        mergeKey = schema?.patchMergeKey
        self.field = field
    }

    /// What tells an element from others: the value of its merge key, or the element itself.
    private func identity(of element: JSONValue) throws(APIStatus) -> JSONValue {
        guard case .object(let members) = element else { return element }
        guard let mergeKey else {
            throw .badRequest("cannot merge lists without merge key for \(field)")
        }
        guard let value = members[mergeKey] else {
            throw .badRequest(
                "map: \(element) does not contain declared merge key: \(mergeKey)")
        }
        return value
    }

    /// The merged list: first what the patch names, in its order, each other element before the
    /// first of these that followed it.
    func merge(_ patch: [JSONValue], into old: [JSONValue]) throws(APIStatus) -> [JSONValue] {
        var remaining = old
        var sent: [JSONValue] = []
        var replaces = false
        for change in patch {
            guard let members = change.object, let directive = members["$patch"] else {
                sent.append(change)
                continue
            }
            switch directive.string {
            case "delete":
                let gone = try identity(of: change)
                remaining = try filter(remaining) { $0 != gone }
            case "replace": replaces = true
            case "merge":
                var members = members
                members.removeValue(forKey: "$patch")
                sent.append(.object(members))
            default: throw .badRequest("unknown patch type: \(directive)")
            }
        }
        if replaces { return try merged(sent, into: []) }
        return try ordered(try merged(sent, into: remaining), by: sent, from: old)
    }

    /// The elements of `old`, changed by what `patch` says of them, and then the new ones.
    private func merged(
        _ patch: [JSONValue], into old: [JSONValue]
    ) throws(APIStatus) -> [JSONValue] {
        var result = old
        var places: [JSONValue: Int] = [:]
        for (index, element) in old.enumerated() {
            // What was stored under an older schema may lack the key: it is left alone.
            guard let identity = try? identity(of: element) else { continue }
            if places[identity] == nil { places[identity] = index }
        }
        for change in patch {
            let identity = try identity(of: change)
            let place = places[identity]
            let value = try merged(change, into: place.map { result[$0] })
            if let place {
                result[place] = value
            } else {
                places[identity] = result.count
                result.append(value)
            }
        }
        return result
    }

    private func merged(
        _ change: JSONValue, into old: JSONValue?
    ) throws(APIStatus) -> JSONValue {
        guard let members = change.object else { return change }
        let merged = try StrategicMergePatch.merge(
            members, into: old?.object ?? JSONObject(), element)
        return .object(merged)
    }

    private func filter(
        _ elements: [JSONValue], _ isKept: (JSONValue) -> Bool
    ) throws(APIStatus) -> [JSONValue] {
        elements.filter { element in
            guard let identity = try? identity(of: element) else { return true }
            return isKept(identity)
        }
    }
}

extension ListMerge {
    /// The elements in the order of `$setElementOrder`.
    func ordered(
        _ elements: [JSONValue], by order: [JSONValue]
    ) throws(APIStatus) -> [JSONValue] {
        try ordered(elements, by: order, from: elements)
    }

    /// The elements that `order` names come in its order. Each of the others goes before the first
    /// of those that came after it in `previous`.
    private func ordered(
        _ elements: [JSONValue], by order: [JSONValue], from previous: [JSONValue]
    ) throws(APIStatus) -> [JSONValue] {
        let rank = try ranks(order)
        let place = ranksIgnoringUnknown(previous)
        var named: [(element: JSONValue, identity: JSONValue)] = []
        var others: [(element: JSONValue, identity: JSONValue?)] = []
        for element in elements {
            let identity = try? identity(of: element)
            if let identity, rank[identity] != nil {
                named.append((element, identity))
            } else {
                others.append((element, identity))
            }
        }
        named.sort { rank[$0.identity, default: 0] < rank[$1.identity, default: 0] }
        var result: [JSONValue] = []
        result.reserveCapacity(elements.count)
        var next = others[...]
        for (element, identity) in named {
            while let other = next.first, let mine = other.identity.flatMap({ place[$0] }),
                let its = place[identity], mine < its
            {
                result.append(other.element)
                next = next.dropFirst()
            }
            result.append(element)
        }
        return result + next.map(\.element)
    }

    /// The place of each identity in a list that the patch gives.
    private func ranks(_ elements: [JSONValue]) throws(APIStatus) -> [JSONValue: Int] {
        var ranks: [JSONValue: Int] = [:]
        for (index, element) in elements.enumerated() {
            let identity = try identity(of: element)
            if ranks[identity] == nil { ranks[identity] = index }
        }
        return ranks
    }

    private func ranksIgnoringUnknown(_ elements: [JSONValue]) -> [JSONValue: Int] {
        var ranks: [JSONValue: Int] = [:]
        for (index, element) in elements.enumerated() {
            guard let identity = try? identity(of: element) else { continue }
            if ranks[identity] == nil { ranks[identity] = index }
        }
        return ranks
    }

    /// - Throws: `badRequest` when the patch sends an element that the order does not name, or in
    ///   another order.
    func checkOrder(of sent: [JSONValue], in order: [JSONValue]) throws(APIStatus) {
        let ranks = try ranks(order)
        var last = -1
        for element in sent where element["$patch"] == nil {
            guard let rank = ranks[try identity(of: element)] else {
                throw .badRequest(
                    "the list of $setElementOrder/\(field) does not name the element \(element)")
            }
            guard rank >= last else {
                throw .badRequest(
                    "the order in the patch list of \(field) does not match $setElementOrder")
            }
            last = rank
        }
    }
}
