import JSON

/// How a value stands in a message.
enum ProtobufForm: Sendable {
    case text, bytes, int, bool, double
    /// Scalars in JSON, messages in protobuf.
    case time, microTime, quantity, intOrString
    /// A message that holds JSON text in the field of this number.
    case json(Int)
    case message
    case list, map
    /// A value of any type: protobuf has no form for it.
    case unsendable

    init(_ node: SchemaNode) {
        switch (node.shape, node.encoding) {
        case (.object, _): self = node.protobufJSONNumber.map(ProtobufForm.json) ?? .message
        case (.map, _): self = .map
        case (.array, _): self = .list
        case (.string, .base64): self = .bytes
        case (.string, .time): self = .time
        case (.string, .microTime): self = .microTime
        case (.string, .quantity): self = .quantity
        case (.string, _): self = .text
        case (.integer, _): self = .int
        case (.number, _): self = .double
        case (.boolean, _): self = .bool
        case (.intOrString, _): self = .intOrString
        case (.any, _): self = .unsendable
        }
    }
}

/// What a field of a message becomes: all that reading it needs to know, at hand.
struct ProtobufField: Sendable {
    let name: String
    let form: ProtobufForm
    let keepsZero: Bool
    /// The property's place among those of the schema.
    let ordinal: Int
    /// What is in the list or map; otherwise the property's own schema and form.
    unowned(unsafe) let content: SchemaNode
    let contentForm: ProtobufForm

    init(_ property: SchemaProperty, _ ordinal: Int) {
        name = property.name
        form = ProtobufForm(property.node)
        keepsZero = property.keepsProtobufZero
        self.ordinal = ordinal
        content = property.node.element ?? property.node
        contentForm = ProtobufForm(content)
    }
}

/// The fields of a message. It may hold messages that JSON does not show: their fields are
/// properties of the same object.
struct ProtobufMessage: Sendable {
    /// By field number: 0 for none, 1 more than a field's index, or -1 less than the index of a
    /// hidden message.
    private var places: [Int16] = []
    private var fields: [ProtobufField] = []
    private var hidden: [ProtobufMessage] = []

    enum Found {
        case field(ProtobufField)
        case hidden(ProtobufMessage)
    }

    init() {}

    /// Of a schema whose properties are complete.
    init(_ properties: [SchemaProperty]) {
        for (ordinal, property) in properties.enumerated() where !property.protobufPath.isEmpty {
            let isFree = add(ProtobufField(property, ordinal), at: property.protobufPath[...])
            precondition(isFree, "the number of \(property.name) was checked")
        }
    }

    subscript(number: Int) -> Found? {
        guard number < places.count else { return nil }
        let place = Int(places[number])
        if place == 0 { return nil }
        return place > 0 ? .field(fields[place - 1]) : .hidden(hidden[-place - 1])
    }

    /// Takes a field in. All but the last number of `path` lead through hidden messages.
    /// - Returns: whether the number was free.
    private mutating func add(_ field: ProtobufField, at path: ArraySlice<Int>) -> Bool {
        guard let number = path.first else { return false }
        if places.count <= number {
            places += [Int16](repeating: 0, count: number + 1 - places.count)
        }
        let place = Int(places[number])
        if path.count == 1 {
            guard place == 0 else { return false }
            fields.append(field)
            places[number] = Int16(fields.count)
            return true
        }
        guard place <= 0 else { return false }
        if place == 0 {
            hidden.append(ProtobufMessage())
            places[number] = -Int16(hidden.count)
        }
        return hidden[-Int(places[number]) - 1].add(field, at: path.dropFirst())
    }
}
