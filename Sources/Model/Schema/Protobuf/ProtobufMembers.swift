import JSON

/// The members of an object while its message is being read.
struct ProtobufMembers {
    private var members: [JSONObject.Member]
    /// The ordinals up to 63 that may be among the members.
    private var seen: UInt64

    /// Room for `count` members.
    init(reserving count: Int) {
        members = []
        members.reserveCapacity(count)
        seen = 0
    }

    /// What earlier parts of the message have brought, taken out of `value`.
    init(taking value: inout JSONValue?) {
        if case .object(let object)? = value { members = object.members } else { members = [] }
        value = nil
        seen = .max
    }

    var object: JSONValue { .object(JSONObject(unique: members)) }

    mutating func append(_ name: String, _ value: JSONValue) {
        members.append(JSONObject.Member(key: name, value: value))
    }

    /// Takes out what is there of `field`, so that the caller is its one owner: were it copied for
    /// each part, a message of many small parts would cost the square of their number.
    mutating func take(_ field: ProtobufField) -> JSONValue? {
        if field.ordinal < 64 {
            let bit = UInt64(1) << UInt64(field.ordinal)
            let isNew = seen & bit == 0
            seen |= bit
            if isNew { return nil }
        }
        guard let index = members.firstIndex(where: { $0.key == field.name }) else { return nil }
        return members.remove(at: index).value
    }
}
