// Reading and changing members of objects that came from clients. Nothing here stops the process,
// whatever the object looks like.

import JSON

extension JSONValue {
    /// Whether there is a member with a value. `null` is no value, as in the API.
    package func has(_ key: String) -> Bool { self[key].map { !$0.isNull } ?? false }

    /// A text member, or "" when there is none.
    package func text(_ key: String) -> String { self[key]?.string ?? "" }

    /// The elements of a list member, or none.
    package func list(_ key: String) -> [JSONValue] { self[key]?.array ?? [] }

    /// The entries of a map member, or none.
    package func entries(_ key: String) -> JSONObject { self[key]?.object ?? JSONObject() }

    /// Whether a list or map member is there and has something in it.
    package func isFilled(_ key: String) -> Bool {
        switch self[key] {
        case .array(let elements)?: !elements.isEmpty
        case .object(let members)?: !members.isEmpty
        case .string(let text)?: !text.isEmpty
        default: false
        }
    }

    private var isObject: Bool { object != nil }

    /// Sets or, with `nil`, removes a member. Nothing happens to what is not an object.
    package mutating func put(_ key: String, _ value: JSONValue?) {
        if isObject { self[key] = value }
    }

    /// Sets a member that has no value.
    package mutating func fill(_ key: String, _ value: JSONValue) {
        if isObject, !has(key) { self[key] = value }
    }

    /// Changes a member that is an object.
    package mutating func change(_ key: String, _ body: (inout JSONValue) -> Void) {
        guard isObject, var member = self[key], member.isObject else { return }
        self[key] = .null
        body(&member)
        self[key] = member
    }

    /// Changes a member that is an object; makes it when there is none.
    package mutating func changeOrAdd(_ key: String, _ body: (inout JSONValue) -> Void) {
        fill(key, .object(JSONObject()))
        change(key, body)
    }

    /// Changes each element of a list member that is an object.
    package mutating func changeEach(_ key: String, _ body: (inout JSONValue) -> Void) {
        guard isObject, case .array(var elements)? = self[key] else { return }
        self[key] = .null
        for index in elements.indices where elements[index].isObject { body(&elements[index]) }
        self[key] = .array(elements)
    }

    /// Gives a member the value that it has in `other`, or removes it.
    package mutating func take(_ key: String, from other: JSONValue) { put(key, other[key]) }
}

extension JSONValue {
    /// This object under the resourceVersion and managed fields that a client sent with `other`.
    package func keepingVersion(of other: JSONValue) -> JSONValue {
        var object = self
        object.change("metadata") { metadata in
            for member in ["resourceVersion", "managedFields"] {
                guard let value = other[path: "metadata", member] else { continue }
                metadata.put(member, value)
            }
        }
        return object
    }

    /// A whole number.
    package static func int(_ value: Int) -> JSONValue { .number(JSONNumber(Int64(value))) }
    package static func int(_ value: Int64) -> JSONValue { .number(JSONNumber(value)) }

    package static func strings(_ values: [String]) -> JSONValue {
        .array(values.map { .string($0) })
    }

    /// Whether two members are the same when an empty list, map or text is the same as none.
    package static func same(_ left: JSONValue?, _ right: JSONValue?) -> Bool {
        (left?.orNilWhenEmpty) == (right?.orNilWhenEmpty)
    }

    private var orNilWhenEmpty: JSONValue? {
        switch self {
        case .null: nil
        case .array(let elements): elements.isEmpty ? nil : self
        case .object(let members): members.isEmpty ? nil : self
        case .string(let text): text.isEmpty ? nil : self
        default: self
        }
    }
}
