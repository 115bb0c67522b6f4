import APIModel
import JSON

/// A field whose JSON value cannot be read as what the schema says. Answered with 400.
public struct DecodeError: Error, Hashable, Sendable, CustomStringConvertible {
    public let path: FieldPath
    /// What the field is: a type of JSON or a format, such as `int32` or `quantity`.
    public let expected: String
    /// What was found: a type of JSON, with the value where that is the reason.
    public let found: String

    public var description: String {
        path.isRoot
            ? "cannot read \(found) as \(expected)"
            : "cannot read \(found) into field \(path) of type \(expected)"
    }
}

/// Checks types. Changes nothing, and remembers whether something would have to be changed.
struct DecodeWalk {
    private var path: PathStack
    /// Whether a member is `null` or empty, or a scalar is not in its canonical form.
    private(set) var needsNormalizing = false

    init(_ base: FieldPath) { path = PathStack(base) }

    mutating func check(_ value: JSONValue, _ node: SchemaNode) throws(DecodeError) {
        if let custom = node.custom {
            try checkCustom(value, node, custom)
            return
        }
        switch (node.shape, value) {
        case (.object, .object(let object)): try check(object, node)
        case (.map, .object(let object)): try checkMap(object, node)
        case (.array, .array(let elements)): try check(elements, node)
        case (.string, .string(let text)):
            if node.encoding != .plain { try check(text, node.encoding) }
        case (.integer, .number(let number)): try check(number, node.encoding)
        case (.string, .number(let number)) where node.encoding == .quantity:
            needsNormalizing = true
            try check(number.lexeme, .quantity)
        case (.number, .number), (.boolean, .bool), (.intOrString, .string), (.any, _): break
        case (.intOrString, .number(let number)): try check(number, .int32)
        default: throw mismatch(node, value.typeName)
        }
    }

    private mutating func check(_ object: JSONObject, _ node: SchemaNode) throws(DecodeError) {
        for member in object.members {
            guard let property = node.property(member.key) else { continue }
            if case .null = member.value {
                needsNormalizing = needsNormalizing || property.node.shape != .any
                continue
            }
            needsNormalizing = needsNormalizing || property.isAbsent(member.value)
            path.push(member: member.key)
            try check(member.value, property.node)
            path.pop()
        }
    }

    /// Of a custom resource only the parts that are the same in all objects have types here. A
    /// `null` where none may stand is as good as no member.
    private mutating func checkCustom(
        _ value: JSONValue, _ node: SchemaNode, _ custom: CustomRules
    ) throws(DecodeError) {
        switch value {
        case .object(let object):
            for member in object.members {
                guard let child = node.property(member.key)?.node ?? node.element else { continue }
                if case .null = member.value {
                    needsNormalizing = needsNormalizing || !child.isNullable
                    continue
                }
                path.push(member: member.key)
                try check(member.value, child)
                path.pop()
            }
        case .array(let elements):
            guard node.shape == .array, let element = node.element else { return }
            for index in elements.indices {
                path.push(index: index)
                try check(elements[index], element)
                path.pop()
            }
        default: break
        }
    }

    private mutating func checkMap(_ object: JSONObject, _ node: SchemaNode) throws(DecodeError) {
        guard let element = node.element else { return }
        for member in object.members {
            if case .null = member.value {
                needsNormalizing = true
                continue
            }
            path.push(key: member.key)
            try check(member.value, element)
            path.pop()
        }
    }

    private mutating func check(
        _ elements: [JSONValue], _ node: SchemaNode
    ) throws(DecodeError) {
        guard let element = node.element else { return }
        for index in elements.indices {
            if case .null = elements[index] {
                needsNormalizing = true
                continue
            }
            path.push(index: index)
            try check(elements[index], element)
            path.pop()
        }
    }

    // MARK: Scalars

    private func check(_ number: JSONNumber, _ encoding: Encoding) throws(DecodeError) {
        let isSmall = encoding == .int32
        if number.isInteger, let int = number.int, !isSmall || Int32(exactly: int) != nil { return }
        throw DecodeError(
            path: path.path, expected: isSmall ? "int32" : "int64",
            found: "number \(number.lexeme)")
    }

    private mutating func check(_ text: String, _ encoding: Encoding) throws(DecodeError) {
        switch Canonical.form(of: text, encoding) {
        case .unchanged: return
        case .changed: needsNormalizing = true
        case .malformed(let expected):
            throw DecodeError(path: path.path, expected: expected, found: "string \(text.quoted)")
        }
    }

    private func mismatch(_ node: SchemaNode, _ found: String) -> DecodeError {
        DecodeError(path: path.path, expected: node.typeName, found: found)
    }
}

extension SchemaNode {
    /// What messages call the type.
    var typeName: String {
        switch (shape, encoding) {
        case (.object, _), (.map, _): "object"
        case (.array, _): "array"
        case (.string, .quantity): "quantity"
        case (.string, _): "string"
        case (.integer, .int32): "int32"
        case (.integer, _): "int64"
        case (.number, _): "number"
        case (.boolean, _): "boolean"
        case (.intOrString, _): "integer or string"
        case (.any, _): "anything"
        }
    }
}
