import JSON

/// Reads messages as the JSON that Go's encoder writes for the same object.
struct ProtobufWalk {
    typealias Tag = ProtobufReader.Tag

    private(set) var reader: ProtobufReader

    init(_ reader: ProtobufReader) { self.reader = reader }

    /// The rest of what is being read, as an object of `node`. Fields that the schema does not know
    /// are left out, as Kubernetes leaves them out.
    mutating func object(
        _ node: SchemaNode, into object: inout JSONObject
    ) throws(ProtobufError) {
        try fields(node.protobuf, node, into: &object)
    }

    private mutating func fields(
        _ message: ProtobufMessage, _ node: SchemaNode, into object: inout JSONObject
    ) throws(ProtobufError) {
        while !reader.isAtEnd {
            let tag = try reader.tag()
            switch message[tag.number] {
            case .unknown: try reader.skip(tag)
            case .property(let index): try member(node.properties[index], tag, into: &object)
            case .hidden(let hidden):
                let outerEnd = try reader.enter(tag)
                try fields(hidden, node, into: &object)
                reader.leave(to: outerEnd)
            }
        }
    }

    /// Of a scalar that comes twice the last counts; the parts of anything else are put together.
    private mutating func member(
        _ property: SchemaProperty, _ tag: Tag, into object: inout JSONObject
    ) throws(ProtobufError) {
        let (name, node) = (property.name, property.node)
        switch node.shape {
        case .array:
            // Taken out while it is added to, so that it has one owner and is not copied.
            var value = object.removeValue(forKey: name) ?? []
            _ = try value.updateArray { elements throws(ProtobufError) in
                try self.elements(node, tag, into: &elements)
            }
            object[name] = value
        case .map:
            var value = object.removeValue(forKey: name) ?? [:]
            _ = try value.updateObject { members throws(ProtobufError) in
                try entries(node, tag, into: &members)
            }
            object[name] = value
        case .object where node.protobufJSONNumber == nil:
            object[name] = try nested(node, tag, addingTo: object.removeValue(forKey: name))
        default:
            let value = try scalar(node, tag)
            let isMeant = property.keepsProtobufZero || !Self.isZero(value, node)
            object[name] = isMeant ? value : nil
        }
    }

    private mutating func nested(
        _ node: SchemaNode, _ tag: Tag, addingTo present: JSONValue? = nil
    ) throws(ProtobufError) -> JSONValue {
        let outerEnd = try reader.enter(tag)
        let count = min(node.properties.count, reader.fieldCountMax)
        var value = present ?? .object(JSONObject(reserving: count))
        _ = try value.updateObject { members throws(ProtobufError) in
            try object(node, into: &members)
        }
        reader.leave(to: outerEnd)
        return value
    }

    /// Whether the value is one that Go's encoder leaves out.
    private static func isZero(_ value: JSONValue?, _ node: SchemaNode) -> Bool {
        switch (node.shape, value) {
        case (.intOrString, _): false
        case (_, .string(let text)): text.isEmpty
        case (_, .number(let number)): number.int == 0
        case (_, .bool(let bool)): !bool
        default: false
        }
    }

    // MARK: Lists and maps

    /// This element and those that follow it directly.
    private mutating func elements(
        _ node: SchemaNode, _ tag: Tag, into elements: inout [JSONValue]
    ) throws(ProtobufError) {
        guard let element = node.element else { return try reader.skip(tag) }
        if tag.type == .lengthDelimited, element.isPackable {
            return try packed(element, tag, into: &elements)
        }
        repeat {
            elements.append(try value(element, tag))
        } while try reader.accept(tag)
    }

    private mutating func packed(
        _ element: SchemaNode, _ tag: Tag, into elements: inout [JSONValue]
    ) throws(ProtobufError) {
        let outerEnd = try reader.enter(tag)
        while !reader.isAtEnd {
            switch element.shape {
            case .number: elements.append(.number(JSONNumber(try reader.packedDouble())))
            case .boolean: elements.append(.bool(try reader.packedInt() != 0))
            default: elements.append(.number(JSONNumber(try reader.packedInt())))
            }
        }
        reader.leave(to: outerEnd)
    }

    /// This entry and those that follow it directly.
    private mutating func entries(
        _ node: SchemaNode, _ tag: Tag, into members: inout JSONObject
    ) throws(ProtobufError) {
        guard let element = node.element else { return try reader.skip(tag) }
        repeat {
            let outerEnd = try reader.enter(tag)
            var key = ""
            var member: JSONValue?
            while !reader.isAtEnd {
                let field = try reader.tag()
                switch field.number {
                case 1: key = try reader.text(field)
                case 2: member = try value(element, field)
                default: try reader.skip(field)
                }
            }
            reader.leave(to: outerEnd)
            members[key] = member ?? element.emptyValue
        } while try reader.accept(tag)
    }

    /// An element of a list or a map.
    private mutating func value(
        _ node: SchemaNode, _ tag: Tag
    ) throws(ProtobufError) -> JSONValue {
        guard node.shape == .object, node.protobufJSONNumber == nil else {
            return try scalar(node, tag) ?? .null
        }
        return try nested(node, tag)
    }

    // MARK: Scalars

    /// - Returns: `nil` for a time that is not set, and for what has no form in protobuf.
    private mutating func scalar(
        _ node: SchemaNode, _ tag: Tag
    ) throws(ProtobufError) -> JSONValue? {
        switch (node.shape, node.encoding) {
        case (.string, .time), (.string, .microTime):
            return try reader.time(tag, node.encoding).map(JSONValue.string)
        case (.string, .quantity): return .string(try reader.quantity(tag))
        case (.string, .base64): return .string(try reader.base64(tag))
        case (.string, _): return .string(try reader.text(tag))
        case (.integer, _): return .number(JSONNumber(try reader.int(tag)))
        case (.boolean, _): return .bool(try reader.int(tag) != 0)
        case (.number, _): return .number(JSONNumber(try reader.double(tag)))
        case (.intOrString, _): return try reader.intOrString(tag)
        case (.object, _): return try reader.json(tag, in: node.protobufJSONNumber ?? 0)
        case (.map, _), (.array, _), (.any, _):
            try reader.skip(tag)
            return nil
        }
    }
}

extension SchemaNode {
    /// Whether elements of this kind may be written as one run of numbers.
    fileprivate var isPackable: Bool {
        switch shape {
        case .integer, .boolean, .number: true
        default: false
        }
    }
}
