// Changes in place: what is changed has one owner meanwhile, so that nothing is copied.

extension JSONValue {
    /// Changes the members of an object; does nothing, and returns `nil`, when this is none.
    @inlinable
    public mutating func updateObject<Result, Failure: Error>(
        _ body: (inout JSONObject) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        guard case .object(var object) = self else { return nil }
        self = .null
        defer { self = .object(object) }
        return try body(&object)
    }

    /// Changes the elements of an array; does nothing, and returns `nil`, when this is none.
    @inlinable
    public mutating func updateArray<Result, Failure: Error>(
        _ body: (inout [JSONValue]) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        guard case .array(var array) = self else { return nil }
        self = .null
        defer { self = .array(array) }
        return try body(&array)
    }
}

extension JSONObject {
    /// Shows each member to `body`, which may change its value.
    public mutating func updateValues(_ body: (String, inout JSONValue) -> Void) {
        storage.withMembers { members in
            for index in members.indices { body(members[index].key, &members[index].value) }
        }
    }
}
