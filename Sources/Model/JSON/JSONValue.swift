import Buffers

/// A JSON document or a part of one (RFC 8259).
///
/// Strings and member names are compared byte by byte: two Unicode spellings of one character are
/// two strings, as they are to every other JSON implementation.
public enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

extension JSONValue {
    @inlinable
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    @inlinable
    public var bool: Bool? {
        if case .bool(let bool) = self { bool } else { nil }
    }

    /// The value of a whole number that fits.
    @inlinable
    public var int: Int64? {
        if case .number(let number) = self { number.int } else { nil }
    }

    @inlinable
    public var double: Double? {
        if case .number(let number) = self { number.double } else { nil }
    }

    @inlinable
    public var string: String? {
        if case .string(let string) = self { string } else { nil }
    }

    @inlinable
    public var array: [JSONValue]? {
        if case .array(let array) = self { array } else { nil }
    }

    @inlinable
    public var object: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }

    /// What an error message calls this kind of value: null, boolean, integer (a number spelled
    /// without fraction and exponent), number, string, array or object.
    public var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .number(let number): number.isInteger ? "integer" : "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    /// A member of an object. Reading anything else gives `nil`; setting makes an object of `null`,
    /// and setting `nil` removes the member.
    /// - Precondition: what is set into is an object or `null`.
    public subscript(key: String) -> JSONValue? {
        get {
            if case .object(let object) = self { object[key] } else { nil }
        }
        _modify {
            // Taken out while it is changed, so that the object has one owner and is not copied.
            var object = takeObject()
            defer { self = .object(object) }
            yield &object[key]
        }
    }

    private mutating func takeObject() -> JSONObject {
        switch self {
        case .null: return JSONObject()
        case .object(let object):
            self = .null
            return object
        default: preconditionFailure("a member set in \(typeName)")
        }
    }

    /// The value that is reached by following `keys` through objects.
    public subscript(path keys: String...) -> JSONValue? {
        var value = self
        for key in keys {
            guard let next = value[key] else { return nil }
            value = next
        }
        return value
    }

    /// An element of an array; `nil` when this is no array or has no such element.
    public subscript(index: Int) -> JSONValue? {
        guard case .array(let array) = self, array.indices.contains(index) else { return nil }
        return array[index]
    }
}

extension JSONValue: Hashable {
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let first), .bool(let second)): first == second
        case (.number(let first), .number(let second)): first == second
        case (.string(let first), .string(let second)): first.hasSameBytes(as: second)
        case (.array(let first), .array(let second)): first == second
        case (.object(let first), .object(let second)): first == second
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let bool): hasher.combine(bool)
        case .number(let number): hasher.combine(number)
        case .string(let string): hasher.combine(string)
        case .array(let array): hasher.combine(array)
        case .object(let object): hasher.combine(object)
        }
    }
}

// Not by `nil`: `condition ? nil : value` would be `null` where nothing is meant.
extension JSONValue: ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
    ExpressibleByStringInterpolation, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int64) { self = .number(JSONNumber(value)) }
    public init(floatLiteral value: Double) { self = .number(JSONNumber(value)) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements))
    }
}

extension JSONValue: CustomStringConvertible {
    /// The compact JSON text.
    public var description: String { String(bytes) }
}
