/// Why bytes are not a JSON document (RFC 8259), and where.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Hashable, Sendable {
        /// A byte that the grammar does not allow here.
        case unexpectedCharacter
        /// The document ends too early.
        case unexpectedEnd
        /// The bytes of a string are not UTF-8.
        case invalidUTF8
        /// A `\u` escape of half a surrogate pair.
        case loneSurrogate
        /// More arrays and objects inside one another than are accepted.
        case tooDeep
    }

    public let kind: Kind
    /// Bytes before the fault; at most the length of the document.
    public let offset: Int
    /// Counted from 1.
    public let line: Int
    /// Counted from 1, in bytes.
    public let column: Int
    /// What is wrong and what was expected, without the position.
    public let message: String

    public var description: String {
        "\(message) (line \(line), column \(column), offset \(offset))"
    }
}

/// What the parser was about to read when it met a fault.
enum Expectation: String {
    case value = "looking for beginning of value"
    case key = "looking for beginning of object key string"
    case colon = "after object key, expecting ':'"
    case member = "after object member, expecting ',' or '}'"
    case element = "after array element, expecting ',' or ']'"
    case end = "after the top-level value"
    case string = "in string literal"
    case escape = "in string escape code"
    case hexadecimal = "in \\u escape, expecting a hexadecimal digit"
    case literal = "in literal, expecting true, false or null"
    case digit = "in numeric literal, expecting a digit"
}

/// A fault as the parser throws it; small, so that the fast path carries no weight.
struct Fault: Error {
    let kind: JSONError.Kind
    let offset: Int
    let expected: Expectation

    /// The fault with its line and column in `document`.
    func located(in document: UnsafeRawBufferPointer) -> JSONError {
        var line = 1
        var lineStart = 0
        for index in 0..<min(offset, document.count) where document[index] == UInt8(ascii: "\n") {
            line += 1
            lineStart = index + 1
        }
        return JSONError(
            kind: kind, offset: offset, line: line, column: offset - lineStart + 1,
            message: message(in: document))
    }

    private func message(in document: UnsafeRawBufferPointer) -> String {
        switch kind {
        case .unexpectedCharacter:
            "invalid character \(Fault.name(of: document[offset])) \(expected.rawValue)"
        case .unexpectedEnd:
            "unexpected end of JSON input \(expected.rawValue)"
        case .invalidUTF8:
            "invalid UTF-8 in string literal"
        case .loneSurrogate:
            "\\u escape of half a surrogate pair in string literal"
        case .tooDeep:
            "more than \(Limits.depthMax) arrays and objects inside one another"
        }
    }

    private static func name(of byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "'"): "'\\''"
        case 0x20..<0x7F: "'\(Unicode.Scalar(byte))'"
        default: "'\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16) + "'"
        }
    }
}
