// Reading the gateway's JSON in place: most of it is base64, which is decoded where it lies.

import Buffers

/// A position in a JSON text that moves on as values are read. Copies only what is asked for.
struct AnswerReader {
    private let text: UnsafeRawBufferPointer
    private var position = 0

    private init(_ text: UnsafeRawBufferPointer) { self.text = text }

    /// Reads `answer`, which must hold one value and nothing else.
    static func read<Message>(
        _ answer: Bytes, _ body: (inout AnswerReader) throws(WireError) -> Message
    ) throws(WireError) -> Message {
        try answer.withUnsafeBytes { (text) throws(WireError) in
            var reader = AnswerReader(text)
            let message = try body(&reader)
            guard reader.next() == nil else { throw reader.problem("something follows the value") }
            return message
        }
    }

    // MARK: Values

    /// Reads an object. `body` must read or skip the value of each member.
    mutating func members(
        _ body: (String, inout AnswerReader) throws(WireError) -> Void
    ) throws(WireError) {
        try expect("{")
        if take("}") { return }
        repeat {
            let name = try string()
            try expect(":")
            try body(String(decoding: name, as: UTF8.self), &self)
        } while take(",")
        try expect("}")
    }

    /// Reads an array. `body` must read or skip each element.
    mutating func elements(
        _ body: (inout AnswerReader) throws(WireError) -> Void
    ) throws(WireError) {
        try expect("[")
        if take("]") { return }
        repeat { try body(&self) } while take(",")
        try expect("]")
    }

    /// Reads bytes in base64.
    mutating func bytes() throws(WireError) -> Bytes {
        guard let bytes = Base64.decode(try string()) else { throw problem("no base64 before") }
        return bytes
    }

    /// Reads a number, bare or, as protobuf writes those of 64 bits, in quotes.
    mutating func number<Number: FixedWidthInteger>(
        _ type: Number.Type = Number.self
    ) throws(WireError) -> Number {
        let digits = next() == UInt8(ascii: "\"") ? try string() : literal()
        guard let number = Number(String(decoding: digits, as: UTF8.self)) else {
            throw problem("no number of this size before")
        }
        return number
    }

    mutating func boolean() throws(WireError) -> Bool {
        switch String(decoding: literal(), as: UTF8.self) {
        case "true": return true
        case "false": return false
        default: throw problem("neither true nor false before")
        }
    }

    /// Reads words for people. Escapes stay as they are, but for those of quotes and solidi.
    mutating func words() throws(WireError) -> String {
        let text = String(decoding: try string(), as: UTF8.self)
        guard text.contains("\\") else { return text }
        var words = ""
        var isEscaped = false
        for character in text {
            if character == "\\", !isEscaped {
                isEscaped = true
                continue
            }
            if isEscaped, !"\"\\/".contains(character) { words.append("\\") }
            isEscaped = false
            words.append(character)
        }
        return words
    }

    /// Passes over a value of any kind.
    mutating func skip() throws(WireError) {
        var depth = 0
        repeat {
            switch next() {
            case UInt8(ascii: "\"")?: _ = try string()
            case UInt8(ascii: "{")?, UInt8(ascii: "[")?:
                depth += 1
                position += 1
            case UInt8(ascii: "}")?, UInt8(ascii: "]")?:
                depth -= 1
                position += 1
            case UInt8(ascii: ",")?, UInt8(ascii: ":")?: position += 1
            case nil: throw problem("the answer ends")
            default:
                guard literal().count > 0 else { throw problem("no value") }
            }
        } while depth > 0
    }

    // MARK: Tokens

    /// The next byte that is not white space.
    private mutating func next() -> UInt8? {
        while position < text.count {
            let byte = text[position]
            guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return byte }
            position += 1
        }
        return nil
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next() == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(WireError) {
        guard take(character) else { throw problem("no '\(character)'") }
    }

    /// What stands between two quotes, as it stands there.
    private mutating func string() throws(WireError) -> UnsafeRawBufferPointer {
        try expect("\"")
        let start = position
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: "\""):
                position += 1
                return UnsafeRawBufferPointer(rebasing: text[start..<position - 1])
            case UInt8(ascii: "\\"): position += 2
            default: position += 1
            }
        }
        throw problem("a string without end")
    }

    private mutating func literal() -> UnsafeRawBufferPointer {
        _ = next()
        let start = position
        while position < text.count, !Self.endsLiteral(text[position]) { position += 1 }
        return UnsafeRawBufferPointer(rebasing: text[start..<position])
    }

    private static func endsLiteral(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ":"),
            UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "["), 0...0x20:
            true
        default: false
        }
    }

    private func problem(_ what: String) -> WireError {
        WireError(problem: what, position: min(position, text.count))
    }
}
