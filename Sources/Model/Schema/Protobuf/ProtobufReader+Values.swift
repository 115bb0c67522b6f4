// Messages that are scalars in JSON.

import APIModel
import Buffers
import JSON

extension ProtobufReader {
    /// Seconds since 1970 and nanoseconds.
    /// - Returns: `nil` for the message without fields, which stands for no time.
    mutating func time(_ tag: Tag) throws(ProtobufError) -> Timestamp? {
        let outerEnd = try enter(tag)
        let start = position
        let isEmpty = isAtEnd
        var seconds: Int64 = 0
        var nanoseconds: Int64 = 0
        while !isAtEnd {
            let field = try self.tag()
            switch field.number {
            case 1: seconds = try int(field)
            case 2: nanoseconds = try int(field)
            default: try skip(field)
            }
        }
        leave(to: outerEnd)
        if isEmpty { return nil }
        guard Limits.protobufSeconds.contains(seconds), (0..<1_000_000_000).contains(nanoseconds)
        else { throw error("\(seconds) s and \(nanoseconds) ns are no time", at: start) }
        return Timestamp(seconds: seconds, microseconds: Int32(nanoseconds / 1000))
    }

    /// Text in field 1; without it the quantity is zero.
    mutating func quantity(_ tag: Tag) throws(ProtobufError) -> String {
        let outerEnd = try enter(tag)
        var text = ""
        while !isAtEnd {
            let field = try self.tag()
            if field.number == 1 { text = try self.text(field) } else { try skip(field) }
        }
        leave(to: outerEnd)
        return text.isEmpty ? "0" : text
    }

    /// Field 1 says which counts: 0 for the integer in field 2, 1 for the text in field 3.
    mutating func intOrString(_ tag: Tag) throws(ProtobufError) -> JSONValue {
        let outerEnd = try enter(tag)
        let start = position
        var type: Int64 = 0
        var int: Int64 = 0
        var text = ""
        while !isAtEnd {
            let field = try self.tag()
            switch field.number {
            case 1: type = try self.int(field)
            case 2: int = try self.int(field)
            case 3: text = try self.text(field)
            default: try skip(field)
            }
        }
        leave(to: outerEnd)
        switch type {
        case 0: return .number(JSONNumber(int))
        case 1: return .string(text)
        default: throw error("\(type) is neither integer nor string", at: start)
        }
    }

    mutating func base64(_ tag: Tag) throws(ProtobufError) -> String {
        Base64.encode(try content(tag))
    }

    /// A document in the field `number`.
    /// - Returns: `nil` when the field is absent or empty.
    mutating func json(_ tag: Tag, in number: Int) throws(ProtobufError) -> JSONValue? {
        let outerEnd = try enter(tag)
        var value: JSONValue?
        while !isAtEnd {
            let field = try self.tag()
            if field.number == number { value = try document(field) } else { try skip(field) }
        }
        leave(to: outerEnd)
        return value
    }

    private mutating func document(_ tag: Tag) throws(ProtobufError) -> JSONValue? {
        let text = try content(tag)
        guard !text.isEmpty else { return nil }
        do {
            return try JSONValue.parse(text).value
        } catch {
            throw self.error("\(error) in a JSON document", at: position - text.count)
        }
    }
}
