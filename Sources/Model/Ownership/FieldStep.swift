// One step of the way from an object to a field in it.

import JSON

/// What leads from a container to something in it (Kubernetes enhancement 555, "FieldsV1").
public enum FieldStep: Hashable, Sendable {
    /// A member of an object, or an entry of a map.
    case field(String)
    /// The element of a list whose members have these values, in the order of their names.
    case key([KeyMember])
    /// The element of a set that is this value.
    case value(JSONValue)
    /// The element at this place.
    case index(Int)

    /// One of the members that tell an element of a list apart.
    public struct KeyMember: Hashable, Sendable {
        public let name: String
        public let value: JSONValue

        public init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }

        public static func == (left: KeyMember, right: KeyMember) -> Bool {
            left.name.hasSameBytes(as: right.name) && left.value == right.value
        }
    }

    public static func == (left: FieldStep, right: FieldStep) -> Bool {
        switch (left, right) {
        case (.field(let first), .field(let second)): first.hasSameBytes(as: second)
        case (.key(let first), .key(let second)): first == second
        case (.value(let first), .value(let second)): first == second
        case (.index(let first), .index(let second)): first == second
        default: false
        }
    }
}

extension FieldStep: CustomStringConvertible {
    /// As conflicts print it: `.name`, `[name="a",port=80]`, `[="a"]` or `[0]`.
    public var description: String {
        switch self {
        case .field(let name): "." + name
        case .key(let members):
            "[" + members.map { "\($0.name)=\($0.value)" }.joined(separator: ",") + "]"
        case .value(let value): "[=\(value)]"
        case .index(let index): "[\(index)]"
        }
    }
}

extension FieldStep: Comparable {
    /// The order in which fields are written: members by name, then keys, values and indices.
    public static func < (left: FieldStep, right: FieldStep) -> Bool {
        left.order(against: right) < 0
    }

    /// Negative when this comes first, positive when `other` does, zero when they are equal.
    func order(against other: FieldStep) -> Int {
        switch (self, other) {
        case (.field(let first), .field(let second)): first.byteOrder(against: second)
        case (.key(let first), .key(let second)): Self.order(first, second)
        case (.value(let first), .value(let second)): first.order(against: second)
        case (.index(let first), .index(let second)): first - second
        default: rank - other.rank
        }
    }

    private var rank: Int {
        switch self {
        case .field: 0
        case .key: 1
        case .value: 2
        case .index: 3
        }
    }

    private static func order(_ first: [KeyMember], _ second: [KeyMember]) -> Int {
        for (mine, its) in zip(first, second) {
            let names = mine.name.byteOrder(against: its.name)
            guard names == 0 else { return names }
            let values = mine.value.order(against: its.value)
            guard values == 0 else { return values }
        }
        return first.count - second.count
    }
}

extension JSONValue {
    /// Numbers before strings, then truth values, lists, objects and null.
    func order(against other: JSONValue) -> Int {
        switch (self, other) {
        case (.number(let first), .number(let second)):
            if first == second { return 0 }
            return first.double < second.double ? -1 : 1
        case (.string(let first), .string(let second)): return first.byteOrder(against: second)
        case (.bool(let first), .bool(let second)):
            return (first ? 1 : 0) - (second ? 1 : 0)
        case (.array(let first), .array(let second)): return Self.order(first, second)
        case (.object(let first), .object(let second)): return Self.order(first, second)
        default: return rank - other.rank
        }
    }

    private var rank: Int {
        switch self {
        case .number: 0
        case .string: 1
        case .bool: 2
        case .array: 3
        case .object: 4
        case .null: 5
        }
    }

    private static func order(_ first: [JSONValue], _ second: [JSONValue]) -> Int {
        for (mine, its) in zip(first, second) {
            let order = mine.order(against: its)
            guard order == 0 else { return order }
        }
        return first.count - second.count
    }

    private static func order(_ first: JSONObject, _ second: JSONObject) -> Int {
        let mine = first.members.sorted { $0.key.byteOrder(against: $1.key) < 0 }
        let its = second.members.sorted { $0.key.byteOrder(against: $1.key) < 0 }
        for (member, other) in zip(mine, its) {
            let names = member.key.byteOrder(against: other.key)
            guard names == 0 else { return names }
            let values = member.value.order(against: other.value)
            guard values == 0 else { return values }
        }
        return mine.count - its.count
    }
}
