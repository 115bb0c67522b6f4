import APIModel
import JSON

/// Reads messages as the JSON that Go's encoder writes for the same object.
struct ProtobufWalk {
    typealias Tag = ProtobufReader.Tag

    private var reader: ProtobufReader

    init(_ reader: ProtobufReader) { self.reader = reader }

    /// The rest of what is being read. Fields that the message does not know are left out, as
    /// Kubernetes leaves them out.
    mutating func fields(
        _ message: ProtobufMessage, into members: inout ProtobufMembers
    ) throws(ProtobufError) {
        while !reader.isAtEnd {
            let tag = try reader.tag()
            switch message[tag.number] {
            case nil: try reader.skip(tag)
            case .field(let field): try member(field, tag, into: &members)
            case .hidden(let hidden):
                let outerEnd = try reader.enter(tag)
                try fields(hidden, into: &members)
                reader.leave(to: outerEnd)
            }
        }
    }

    /// Of a scalar that comes twice the last counts; the parts of anything else are put together.
    private mutating func member(
        _ field: ProtobufField, _ tag: Tag, into members: inout ProtobufMembers
    ) throws(ProtobufError) {
        var present = members.take(field)
        switch field.form {
        case .list: members.append(field.name, try list(field, tag, after: &present))
        case .map: members.append(field.name, try map(field, tag, after: &present))
        case .message:
            members.append(field.name, try nested(field.content, tag, after: &present))
        default:
            guard let value = try scalar(field.form, tag) else { return }
            if field.keepsZero || !field.form.isLeftOut(value) { members.append(field.name, value) }
        }
    }

    /// - Parameter present: what earlier parts have brought. Nothing is left of it.
    private mutating func nested(
        _ node: SchemaNode, _ tag: Tag, after present: inout JSONValue?
    ) throws(ProtobufError) -> JSONValue {
        let outerEnd = try reader.enter(tag)
        let count = min(node.properties.count, reader.fieldCountMax)
        var members =
            present == nil
            ? ProtobufMembers(reserving: count) : ProtobufMembers(taking: &present)
        try fields(node.protobuf, into: &members)
        reader.leave(to: outerEnd)
        return members.object
    }

    // MARK: Lists and maps

    /// The element at hand and those that follow it directly, after those that are there.
    private mutating func list(
        _ field: ProtobufField, _ tag: Tag, after present: inout JSONValue?
    ) throws(ProtobufError) -> JSONValue {
        var elements: [JSONValue] = []
        if tag.type == .lengthDelimited, field.contentForm.isPackable {
            try packed(field.contentForm, tag, into: &elements)
        } else {
            repeat {
                elements.append(try value(field, tag))
            } while try reader.accept(tag)
        }
        guard present != nil else { return .array(elements) }
        _ = present?.updateArray { $0 += elements }
        return present.take() ?? []
    }

    private mutating func packed(
        _ form: ProtobufForm, _ tag: Tag, into elements: inout [JSONValue]
    ) throws(ProtobufError) {
        let outerEnd = try reader.enter(tag)
        while !reader.isAtEnd {
            switch form {
            case .double: elements.append(.number(JSONNumber(try reader.packedDouble())))
            case .bool: elements.append(.bool(try reader.packedInt() != 0))
            default: elements.append(.number(JSONNumber(try reader.packedInt())))
            }
        }
        reader.leave(to: outerEnd)
    }

    /// The entry at hand and those that follow it directly, beside those that are there.
    private mutating func map(
        _ field: ProtobufField, _ tag: Tag, after present: inout JSONValue?
    ) throws(ProtobufError) -> JSONValue {
        var entries = JSONObject()
        repeat {
            let entry = try entry(field, tag)
            entries[entry.key] = entry.value
        } while try reader.accept(tag)
        guard present != nil else { return .object(entries) }
        _ = present?.updateObject { members in
            for (key, value) in entries { members[key] = value }
        }
        return present.take() ?? [:]
    }

    private mutating func entry(
        _ field: ProtobufField, _ tag: Tag
    ) throws(ProtobufError) -> (key: String, value: JSONValue) {
        let outerEnd = try reader.enter(tag)
        var key = ""
        var member: JSONValue?
        while !reader.isAtEnd {
            let part = try reader.tag()
            switch part.number {
            case 1: key = try reader.text(part)
            case 2: member = try value(field, part)
            default: try reader.skip(part)
            }
        }
        reader.leave(to: outerEnd)
        return (key, member ?? field.content.emptyValue)
    }

    /// An element of a list or a map.
    private mutating func value(
        _ field: ProtobufField, _ tag: Tag
    ) throws(ProtobufError) -> JSONValue {
        switch field.contentForm {
        case .message:
            var nothing: JSONValue?
            return try nested(field.content, tag, after: &nothing)
        case .list: return try innerList(field.content, tag)
        default: return try scalar(field.contentForm, tag) ?? .null
        }
    }

    /// A list that is an element of its own, such as a value of `extra`: Kubernetes writes a
    /// message with the elements in field 1. They are scalars.
    private mutating func innerList(
        _ node: SchemaNode, _ tag: Tag
    ) throws(ProtobufError) -> JSONValue {
        guard let element = node.element else { return [] }
        let outerEnd = try reader.enter(tag)
        var elements: [JSONValue] = []
        while !reader.isAtEnd {
            let part = try reader.tag()
            guard part.number == 1 else {
                try reader.skip(part)
                continue
            }
            if let value = try scalar(ProtobufForm(element), part) { elements.append(value) }
        }
        reader.leave(to: outerEnd)
        return .array(elements)
    }

    // MARK: Scalars

    /// - Returns: `nil` for a time or a document that is not set, and for what cannot be sent.
    private mutating func scalar(
        _ form: ProtobufForm, _ tag: Tag
    ) throws(ProtobufError) -> JSONValue? {
        switch form {
        case .text: return .string(try reader.text(tag))
        case .bytes: return .string(try reader.base64(tag))
        case .int: return .number(JSONNumber(try reader.int(tag)))
        case .bool: return .bool(try reader.int(tag) != 0)
        case .double: return .number(JSONNumber(try reader.double(tag)))
        case .time: return try reader.time(tag).map { .string($0.description) }
        case .microTime: return try reader.time(tag).map { .string($0.microTime) }
        case .quantity: return .string(try reader.quantity(tag))
        case .intOrString: return try reader.intOrString(tag)
        case .json(let number): return try reader.json(tag, in: number)
        case .message, .list, .map, .unsendable:
            try reader.skip(tag)
            return nil
        }
    }
}

extension ProtobufForm {
    /// Whether elements may be written as one run of numbers.
    fileprivate var isPackable: Bool {
        switch self {
        case .int, .bool, .double: true
        default: false
        }
    }

    /// Whether Go's encoder leaves the value out.
    fileprivate func isLeftOut(_ value: JSONValue) -> Bool {
        switch (self, value) {
        case (.text, .string(let text)), (.bytes, .string(let text)): text.isEmpty
        case (.int, .number(let number)): number.int == 0
        case (.double, .number(let number)): number.double == 0
        case (.bool, .bool(let bool)): !bool
        default: false
        }
    }
}
