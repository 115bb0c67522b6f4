import JSON

/// Which property each field of a message becomes. A message may hold messages that JSON does not
/// show: their fields are properties of the same object.
struct ProtobufMessage: Sendable {
    enum Field: Sendable {
        case unknown
        /// The index of a property of the schema.
        case property(Int)
        indirect case hidden(ProtobufMessage)
    }

    /// By number.
    private var fields: [Field] = []

    subscript(number: Int) -> Field {
        number < fields.count ? fields[number] : .unknown
    }

    /// Takes a property in. All but the last number of `path` lead through hidden messages.
    /// - Returns: whether the number was free.
    /// - Precondition: `path` is not empty, and its numbers are in
    ///   `1...Limits.protobufNumberMax`.
    mutating func add(property index: Int, at path: ArraySlice<Int>) -> Bool {
        guard let number = path.first else { preconditionFailure("a path without numbers") }
        while fields.count <= number { fields.append(.unknown) }
        switch (fields[number], path.count) {
        case (.unknown, 1):
            fields[number] = .property(index)
            return true
        case (.unknown, _): return hide(ProtobufMessage(), index, path)
        case (.hidden(let message), 2...): return hide(message, index, path)
        default: return false
        }
    }

    private mutating func hide(
        _ message: ProtobufMessage, _ index: Int, _ path: ArraySlice<Int>
    ) -> Bool {
        var message = message
        let isFree = message.add(property: index, at: path.dropFirst())
        fields[path[path.startIndex]] = .hidden(message)
        return isFree
    }
}

/// The keywords that state how Kubernetes writes a schema's values as protobuf.
enum ProtobufKeywords {
    /// A property's field number, or the numbers that lead to it through hidden messages.
    static let number = "x-binnacle-protobuf"
    /// `true` where a zero that was sent is meant. Elsewhere it stands for an absent property:
    /// Kubernetes' clients write the zeros of all fields that are no pointers.
    static let keepsZero = "x-binnacle-protobuf-zero"
    /// On a schema: the number of the field that holds the value as JSON text.
    static let json = "x-binnacle-protobuf-json"

    static func readUse(
        of property: SchemaProperty, from reader: MemberReader
    ) throws(SchemaError) {
        property.keepsProtobufZero = try reader.bool(keepsZero) ?? false
        guard let value = reader.object[number] else { return }
        let values = value.array ?? [value]
        let path = values.compactMap(\.int).map(Int.init)
        let allowed = 1...Limits.protobufNumberMax
        guard !path.isEmpty, path.count == values.count, path.allSatisfy(allowed.contains) else {
            throw reader.location.appending(number).error("must be one or more field numbers")
        }
        property.protobufPath = path
    }

    static func readShape(of node: SchemaNode, from reader: MemberReader) throws(SchemaError) {
        node.protobufJSONNumber = try reader.int(json)
        for (index, property) in node.properties.enumerated() where !property.protobufPath.isEmpty {
            guard node.protobuf.add(property: index, at: property.protobufPath[...]) else {
                let place = reader.location.appending("properties").appending(property.name)
                throw place.appending(number).error("is the number of another property too")
            }
        }
    }
}
