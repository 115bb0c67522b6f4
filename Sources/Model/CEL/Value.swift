// What expressions evaluate to.

import APIModel
import JSON

/// A value. Lists, maps and objects of documents are converted only where they are looked at.
public enum Value: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case double(Double)
    case string(String)
    case bytes([UInt8])
    case duration(GoDuration)
    case timestamp(Timestamp)
    /// The name of a type.
    case type(String)
    case list(ListValue)
    case map(MapValue)
    indirect case optional(Value?)
    case quantity(Quantity)
    case url(URLValue)
    case ip(IPAddress)
    case cidr(CIDRValue)

    /// What messages call the type of the value.
    var typeName: String {
        switch self {
        case .null: "null_type"
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .double: "double"
        case .string: "string"
        case .bytes: "bytes"
        case .duration: "google.protobuf.Duration"
        case .timestamp: "google.protobuf.Timestamp"
        case .type: "type"
        case .list: "list"
        case .map: "map"
        case .optional: "optional_type"
        case .quantity: "kubernetes.Quantity"
        case .url: "kubernetes.URL"
        case .ip: "net.IP"
        case .cidr: "net.CIDR"
        }
    }

    public var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
    public var string: String? { if case .string(let string) = self { string } else { nil } }
}

/// A list, of values or as a document has it.
public struct ListValue: Sendable {
    private enum Content: Sendable {
        case values([Value])
        case document([JSONValue], CELType)
    }

    private let content: Content

    init(_ values: [Value]) { content = .values(values) }

    init(_ elements: [JSONValue], of type: CELType) { content = .document(elements, type) }

    var count: Int {
        switch content {
        case .values(let values): values.count
        case .document(let elements, _): elements.count
        }
    }

    subscript(index: Int) -> Value {
        switch content {
        case .values(let values): values[index]
        case .document(let elements, let type): Value(elements[index], as: type)
        }
    }

    var values: [Value] {
        switch content {
        case .values(let values): values
        case .document(let elements, let type): elements.map { Value($0, as: type) }
        }
    }
}

/// A map, or an object with its fields.
public struct MapValue: Sendable {
    private enum Content: Sendable {
        case entries([(key: Value, value: Value)])
        case document(JSONObject, CELType)
        case object(JSONObject, ObjectType)
    }

    private let content: Content

    init(_ entries: [(key: Value, value: Value)]) { content = .entries(entries) }

    init(_ members: JSONObject, of type: CELType) { content = .document(members, type) }

    init(_ members: JSONObject, as type: ObjectType) { content = .object(members, type) }

    /// What a selection by name finds. Names of an object's fields are escaped.
    func field(_ name: String) -> Value? {
        switch content {
        case .entries: self[.string(name)]
        case .document(let members, let type): members[name].map { Value($0, as: type) }
        case .object(let members, let type):
            members[FieldName.unescape(name)].map { Value($0, as: type.fields[name] ?? .dyn) }
        }
    }

    subscript(key: Value) -> Value? {
        switch content {
        case .entries(let entries): return entries.first { $0.key.isEqual(to: key) }?.value
        case .document(let members, let type):
            guard case .string(let name) = key else { return nil }
            return members[name].map { Value($0, as: type) }
        case .object(let members, _):
            guard case .string(let name) = key else { return nil }
            return field(FieldName.escape(name) ?? name).flatMap { members[name] == nil ? nil : $0 }
        }
    }

    var count: Int {
        switch content {
        case .entries(let entries): entries.count
        case .document(let members, _), .object(let members, _): members.count
        }
    }

    var keys: [Value] {
        switch content {
        case .entries(let entries): entries.map(\.key)
        case .document(let members, _), .object(let members, _):
            members.map { .string($0.key) }
        }
    }
}

extension Value {
    /// A value of a document. Text and numbers become what `type` says, as far as they can.
    public init(_ json: JSONValue, as type: CELType = .dyn) {
        switch (json, type) {
        case (.null, _): self = .null
        case (.bool(let bool), _): self = .bool(bool)
        case (.number(let number), .double): self = .double(number.double)
        case (.number(let number), .uint):
            self = number.int.map { .uint(UInt64(clamping: $0)) } ?? .double(number.double)
        case (.number(let number), .int):
            self = number.int.map { .int($0) } ?? .double(number.double)
        case (.number(let number), _):
            self =
                number.isInteger
                ? number.int.map { .int($0) } ?? .double(number.double) : .double(number.double)
        case (.string(let text), .timestamp):
            let time = Timestamp(text) ?? Timestamp(text + "T00:00:00Z")
            self = time.map { .timestamp($0) } ?? .string(text)
        case (.string(let text), .duration):
            self = GoDuration(text).map { .duration($0) } ?? .string(text)
        case (.string(let text), .bytes):
            self = Base64.decode(text).map { .bytes($0) } ?? .string(text)
        case (.string(let text), _): self = .string(text)
        case (.array(let elements), .list(let element)):
            self = .list(ListValue(elements, of: element))
        case (.array(let elements), _): self = .list(ListValue(elements, of: .dyn))
        case (.object(let members), .object(let object)):
            self = .map(MapValue(members, as: object))
        case (.object(let members), .map(_, let value)): self = .map(MapValue(members, of: value))
        case (.object(let members), _): self = .map(MapValue(members, of: .dyn))
        }
    }
}

// MARK: Comparison

extension Value {
    /// Numbers are equal across their types when their values are.
    func isEqual(to other: Value) -> Bool {
        switch (self, other) {
        case (.null, .null): return true
        case (.bool(let first), .bool(let second)): return first == second
        case (.string(let first), .string(let second)):
            return first.utf8.elementsEqual(second.utf8)
        case (.bytes(let first), .bytes(let second)): return first == second
        case (.duration(let first), .duration(let second)): return first == second
        case (.timestamp(let first), .timestamp(let second)): return first == second
        case (.type(let first), .type(let second)): return first == second
        case (.quantity(let first), .quantity(let second)): return first == second
        case (.url(let first), .url(let second)): return first == second
        case (.ip(let first), .ip(let second)): return first == second
        case (.cidr(let first), .cidr(let second)): return first == second
        case (.list(let first), .list(let second)):
            guard first.count == second.count else { return false }
            return (0..<first.count).allSatisfy { first[$0].isEqual(to: second[$0]) }
        case (.map(let first), .map(let second)):
            guard first.count == second.count else { return false }
            return first.keys.allSatisfy { key in
                guard let value = first[key], let other = second[key] else { return false }
                return value.isEqual(to: other)
            }
        case (.optional(let first), .optional(let second)):
            guard let first, let second else { return first == nil && second == nil }
            return first.isEqual(to: second)
        default: return compareNumber(to: other) == 0
        }
    }

    /// How two values are ordered: negative, zero or positive; `nil` when they are not.
    func compare(to other: Value) -> Int? {
        switch (self, other) {
        case (.bool(let first), .bool(let second)): Self.order(first ? 1 : 0, second ? 1 : 0)
        case (.string(let first), .string(let second)):
            first.utf8.lexicographicallyPrecedes(second.utf8)
                ? -1 : first.utf8.elementsEqual(second.utf8) ? 0 : 1
        case (.bytes(let first), .bytes(let second)):
            first.lexicographicallyPrecedes(second) ? -1 : first == second ? 0 : 1
        case (.duration(let first), .duration(let second)): Self.order(first, second)
        case (.timestamp(let first), .timestamp(let second)): Self.order(first, second)
        case (.quantity(let first), .quantity(let second)): Self.order(first, second)
        default: compareNumber(to: other)
        }
    }

    private static func order<Item: Comparable>(_ first: Item, _ second: Item) -> Int {
        first < second ? -1 : first == second ? 0 : 1
    }

    private func compareNumber(to other: Value) -> Int? {
        switch (self, other) {
        case (.int(let first), .int(let second)): Self.order(first, second)
        case (.uint(let first), .uint(let second)): Self.order(first, second)
        case (.int(let first), .uint(let second)):
            first < 0 ? -1 : Self.order(UInt64(first), second)
        case (.uint, .int): other.compareNumber(to: self).map { -$0 }
        case (.double(let first), .double(let second)): Self.order(first, second, ifNumber: true)
        case (.double(let first), .int(let second)):
            Self.order(first, Double(second), ifNumber: true)
        case (.double(let first), .uint(let second)):
            Self.order(first, Double(second), ifNumber: true)
        case (.int, .double), (.uint, .double): other.compareNumber(to: self).map { -$0 }
        default: nil
        }
    }

    private static func order(_ first: Double, _ second: Double, ifNumber: Bool) -> Int? {
        first.isNaN || second.isNaN ? nil : order(first, second)
    }
}
