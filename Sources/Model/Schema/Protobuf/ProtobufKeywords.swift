import JSON

/// The keywords that state how Kubernetes writes a schema's values as protobuf.
enum ProtobufKeywords {
    /// A property's field number, or the numbers that lead to it through messages that JSON does
    /// not show.
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

    /// - Throws: when two properties have one number, or one's number leads on to another.
    static func readShape(of node: SchemaNode, from reader: MemberReader) throws(SchemaError) {
        node.protobufJSONNumber = try reader.int(json)
        var taken: [[Int]] = []
        for property in node.properties where !property.protobufPath.isEmpty {
            let path = property.protobufPath
            if taken.contains(where: { $0.starts(with: path) || path.starts(with: $0) }) {
                let place = reader.location.appending("properties").appending(property.name)
                throw place.appending(number).error("is the number of another property too")
            }
            taken.append(path)
        }
    }
}
