import APIModel
import JSON

/// The form in which a scalar with an encoding is stored.
enum Canonical {
    enum Form {
        case unchanged
        case changed(String)
        /// What the text should have been.
        case malformed(String)
    }

    static func form(of text: String, _ encoding: Encoding) -> Form {
        switch encoding {
        case .plain, .int32, .int64: return .unchanged
        case .base64:
            return isBase64(text) ? .unchanged : .malformed("base64 text")
        case .time, .microTime:
            guard let time = Timestamp(text) else { return .malformed("RFC 3339 time") }
            return compare(text, encoding == .time ? time.description : time.microTime)
        case .quantity:
            guard let quantity = try? Quantity(text) else { return .malformed("quantity") }
            return compare(text, quantity.description)
        }
    }

    private static func compare(_ text: String, _ canonical: String) -> Form {
        text == canonical ? .unchanged : .changed(canonical)
    }

    /// Whole groups of four characters, the last one padded (RFC 4648, section 4). Line ends are
    /// not characters, as in Go's decoder.
    private static func isBase64(_ text: String) -> Bool {
        var digitCount = 0
        var paddingCount = 0
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                if paddingCount > 0 { return false }
                digitCount += 1
            case UInt8(ascii: "="): paddingCount += 1
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"): break
            default: return false
            }
        }
        return paddingCount <= 2 && (digitCount + paddingCount) % 4 == 0
    }
}

/// Brings a value whose types have been checked into the form that is stored.
enum Normalizer {
    static func normalize(_ value: inout JSONValue, _ node: SchemaNode) {
        if node.custom != nil {
            normalizeCustom(&value, node)
            return
        }
        switch node.shape {
        case .object: _ = value.updateObject { normalize(&$0, node) }
        case .map:
            guard let element = node.element else { return }
            _ = value.updateObject { $0.updateValues { _, value in fill(&value, element) } }
        case .array:
            guard let element = node.element else { return }
            _ = value.updateArray { array in
                for index in array.indices { fill(&array[index], element) }
            }
        case .string where node.encoding != .plain: normalizeText(&value, node.encoding)
        default: break
        }
    }

    /// Drops a `null` where none may stand. Elements of lists stay, to be refused.
    private static func normalizeCustom(_ value: inout JSONValue, _ node: SchemaNode) {
        _ = value.updateObject { object in
            object.removeAll { key, value in
                guard value.isNull, let child = node.property(key)?.node ?? node.element else {
                    return false
                }
                return !child.isNullable
            }
            object.updateValues { key, value in
                guard let child = node.property(key)?.node ?? node.element else { return }
                normalize(&value, child)
            }
        }
        guard node.shape == .array, let element = node.element else { return }
        _ = value.updateArray { array in
            for index in array.indices { normalize(&array[index], element) }
        }
    }

    private static func normalize(_ object: inout JSONObject, _ node: SchemaNode) {
        if object.members.contains(where: { node.property($0.key)?.isAbsent($0.value) == true }) {
            object.removeAll { key, value in node.property(key)?.isAbsent(value) == true }
        }
        object.updateValues { key, value in
            guard let property = node.property(key), property.node.hasForms else { return }
            normalize(&value, property.node)
        }
    }

    /// An element cannot be absent: where it is `null` it becomes empty.
    private static func fill(_ value: inout JSONValue, _ node: SchemaNode) {
        if value.isNull { value = node.emptyValue } else { normalize(&value, node) }
    }

    private static func normalizeText(_ value: inout JSONValue, _ encoding: Encoding) {
        let text: String
        switch value {
        case .string(let string): text = string
        case .number(let number): text = number.lexeme
        default: return
        }
        switch Canonical.form(of: text, encoding) {
        case .changed(let canonical): value = .string(canonical)
        default: value = .string(text)
        }
    }
}

extension SchemaProperty {
    /// Whether `value` says no more than an absent member: a `null`, and a list or a map without
    /// elements, which Kubernetes does not keep apart from none. A list that must be there stays.
    func isAbsent(_ value: JSONValue) -> Bool {
        switch (node.shape, value) {
        case (.any, _): false
        case (_, .null): true
        case (.map, .object(let members)): members.isEmpty && !isRequired
        case (.array, .array(let elements)): elements.isEmpty && !isRequired
        default: false
        }
    }
}

extension SchemaNode {
    /// What a `null` among elements is read as.
    var emptyValue: JSONValue {
        switch (shape, encoding) {
        case (.object, _), (.map, _): [:]
        case (.array, _): []
        case (.string, .quantity): "0"
        case (.string, _): ""
        case (.integer, _), (.number, _), (.intOrString, _): 0
        case (.boolean, _): false
        case (.any, _): .null
        }
    }
}
