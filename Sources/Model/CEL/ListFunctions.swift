// Functions on lists, maps, sets and optional values.

import APIModel

enum ListFunctions {
    /// `nil` for a name that is not one of these, or values that do not fit.
    static func call(
        _ name: String, _ values: [Value], _ budget: inout Budget
    ) throws(EvaluationError) -> Value? {
        if let value = try optional(name, values) { return value }
        switch (values.first, name) {
        case (.map(let map)?, "size") where values.count == 1: return .int(Int64(map.count))
        case (.list(let list)?, _):
            try budget.spend(list.count)
            return name.hasPrefix("sets.")
                ? try sets(name, list.values, values, &budget)
                : try lists(name, list, Array(values.dropFirst()))
        default: return nil
        }
    }

    private static func lists(
        _ name: String, _ list: ListValue, _ arguments: [Value]
    ) throws(EvaluationError) -> Value? {
        switch (name, arguments.count) {
        case ("size", 0): return .int(Int64(list.count))
        case ("join", 0), ("join", 1):
            return try joined(list.values, by: arguments.first ?? .string(""))
        case ("isSorted", 0):
            let values = list.values
            for (first, second) in zip(values, values.dropFirst()) {
                guard let order = first.compare(to: second) else { throw .noOverload(name) }
                if order > 0 { return .bool(false) }
            }
            return .bool(true)
        case ("sum", 0): return try sum(list.values)
        case ("min", 0): return try extreme(list.values, name) { $0 < 0 }
        case ("max", 0): return try extreme(list.values, name) { $0 > 0 }
        case ("indexOf", 1):
            let index = list.values.firstIndex { $0.isEqual(to: arguments[0]) }
            return .int(Int64(index ?? -1))
        case ("lastIndexOf", 1):
            let index = list.values.lastIndex { $0.isEqual(to: arguments[0]) }
            return .int(Int64(index ?? -1))
        default: return nil
        }
    }

    private static func joined(
        _ values: [Value], by separator: Value
    ) throws(EvaluationError) -> Value {
        let texts = values.compactMap(\.string)
        guard texts.count == values.count, let separator = separator.string else {
            throw .noOverload("join")
        }
        return .string(texts.joined(separator: separator))
    }

    private static func sum(_ values: [Value]) throws(EvaluationError) -> Value {
        guard var total = values.first else { return .int(0) }
        for value in values.dropFirst() { total = try Arithmetic.sum(total, value) }
        return total
    }

    private static func extreme(
        _ values: [Value], _ name: String, _ isBetter: (Int) -> Bool
    ) throws(EvaluationError) -> Value {
        guard var best = values.first else {
            throw EvaluationError("\(name) called on empty list")
        }
        for value in values.dropFirst() {
            guard let order = value.compare(to: best) else { throw .noOverload(name) }
            if isBetter(order) { best = value }
        }
        return best
    }

    // MARK: Sets

    private static func sets(
        _ name: String, _ first: [Value], _ values: [Value], _ budget: inout Budget
    ) throws(EvaluationError) -> Value? {
        guard values.count == 2, case .list(let list) = values[1] else { return nil }
        let second = list.values
        try budget.spend(first.count * second.count / Limits.byteCountPerStep)
        func contains(_ outer: [Value], _ inner: [Value]) -> Bool {
            inner.allSatisfy { wanted in outer.contains { $0.isEqual(to: wanted) } }
        }
        switch name {
        case "sets.contains": return .bool(contains(first, second))
        case "sets.equivalent":
            return .bool(contains(first, second) && contains(second, first))
        case "sets.intersects":
            return .bool(first.contains { one in second.contains { $0.isEqual(to: one) } })
        default: return nil
        }
    }

    // MARK: Optional values

    private static func optional(
        _ name: String, _ values: [Value]
    ) throws(EvaluationError) -> Value? {
        switch (name, values.count) {
        case ("optional.none", 0): return .optional(nil)
        case ("optional.of", 1): return .optional(values[0])
        case ("optional.ofNonZeroValue", 1):
            return .optional(values[0].isZero ? nil : values[0])
        case ("hasValue", 1):
            guard case .optional(let wrapped) = values[0] else { throw .noOverload(name) }
            return .bool(wrapped != nil)
        case ("value", 1):
            guard case .optional(let wrapped) = values[0] else { throw .noOverload(name) }
            guard let wrapped else { throw EvaluationError("optional.none() dereference") }
            return wrapped
        default: return nil
        }
    }
}

extension Value {
    /// Whether it is what a field is when nobody has set it.
    fileprivate var isZero: Bool {
        switch self {
        case .null, .optional(nil): true
        case .bool(let bool): !bool
        case .int(let int): int == 0
        case .uint(let uint): uint == 0
        case .double(let double): double == 0
        case .string(let text): text.isEmpty
        case .bytes(let bytes): bytes.isEmpty
        case .duration(let duration): duration.nanoseconds == 0
        case .list(let list): list.count == 0
        case .map(let map): map.count == 0
        default: false
        }
    }
}
