import JSON

/// Reads the members of an object in one of our documents, and tells where one is wrong.
struct MemberReader {
    let object: JSONObject
    let location: Location

    init(_ value: JSONValue, at location: Location) throws(SchemaError) {
        guard case .object(let object) = value else {
            throw location.error("must be an object, not \(value.typeName)")
        }
        self.object = object
        self.location = location
    }

    init(_ object: JSONObject, at location: Location) {
        self.object = object
        self.location = location
    }

    /// - Throws: when a member is called anything else.
    func require(onlyKnown names: Set<String>) throws(SchemaError) {
        for member in object.members where !names.contains(member.key) {
            throw location.appending(member.key).error("is not known")
        }
    }

    func value(_ name: String) throws(SchemaError) -> JSONValue {
        guard let value = object[name] else { throw location.error("\(name) is missing") }
        return value
    }

    func bool(_ name: String) throws(SchemaError) -> Bool? {
        try read(name, "true or false", \.bool)
    }

    func int(_ name: String) throws(SchemaError) -> Int? {
        try read(name, "a whole number") { $0.int.map(Int.init) }
    }

    func number(_ name: String) throws(SchemaError) -> JSONNumber? {
        try read(name, "a number") { value in
            if case .number(let number) = value { number } else { nil }
        }
    }

    func string(_ name: String) throws(SchemaError) -> String? {
        try read(name, "a string", \.string)
    }

    func requiredString(_ name: String) throws(SchemaError) -> String {
        guard let string = try string(name) else { throw location.error("\(name) is missing") }
        return string
    }

    func array(_ name: String) throws(SchemaError) -> [JSONValue]? {
        try read(name, "an array", \.array)
    }

    func object(_ name: String) throws(SchemaError) -> JSONObject? {
        try read(name, "an object", \.object)
    }

    func strings(_ name: String) throws(SchemaError) -> [String]? {
        try read(name, "an array of strings") { value in
            guard let array = value.array else { return nil }
            let strings = array.compactMap(\.string)
            return strings.count == array.count ? strings : nil
        }
    }

    /// One of the raw values of an enumeration.
    func oneOf<Choice: RawRepresentable<String>>(
        _ name: String, _ type: Choice.Type
    ) throws(SchemaError) -> Choice? {
        guard let string = try string(name) else { return nil }
        guard let choice = Choice(rawValue: string) else {
            throw location.appending(name).error("has no value \"\(string)\"")
        }
        return choice
    }

    private func read<Value>(
        _ name: String, _ expected: String, _ convert: (JSONValue) -> Value?
    ) throws(SchemaError) -> Value? {
        guard let value = object[name] else { return nil }
        guard let converted = convert(value) else {
            throw location.appending(name).error("must be \(expected), not \(value.typeName)")
        }
        return converted
    }
}
