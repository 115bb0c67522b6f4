// Text and bytes in quotes.

extension Lexer {
    /// A literal of text or bytes, with its prefix; `nil` when none begins here.
    mutating func quoted() throws(SyntaxFailure) -> Token.Kind? {
        let start = position
        var (isRaw, isBytes) = (false, false)
        while let scalar = peek, "rRbB".unicodeScalars.contains(scalar) {
            let isR = scalar == "r" || scalar == "R"
            if isR ? isRaw : isBytes { break }
            if isR { isRaw = true } else { isBytes = true }
            position += 1
        }
        guard let quote = peek, quote == "\"" || quote == "'" else {
            position = start
            return nil
        }
        let triple = String(repeating: String(Character(quote)), count: 3)
        let end = isNext(triple) ? triple : String(Character(quote))
        position += end.unicodeScalars.count
        let bytes = try content(until: end, isRaw: isRaw, isBytes: isBytes, from: start)
        if isBytes { return .bytes(bytes) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw SyntaxFailure(message: "Syntax error: invalid text", offset: start)
        }
        return .string(text)
    }

    private mutating func content(
        until end: String, isRaw: Bool, isBytes: Bool, from start: Int
    ) throws(SyntaxFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        while !isNext(end) {
            guard let scalar = peek, scalar != "\n" || end.count == 3 else {
                throw SyntaxFailure(message: "Syntax error: text without an end", offset: start)
            }
            position += 1
            if scalar == "\\", !isRaw {
                try escape(isBytes: isBytes, into: &bytes)
            } else {
                bytes += Array(String(Character(scalar)).utf8)
            }
        }
        position += end.unicodeScalars.count
        return bytes
    }

    private static let simpleEscapes: [Unicode.Scalar: UInt8] = [
        "a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "\\": 0x5C, "'": 0x27,
        "\"": 0x22, "`": 0x60, "?": 0x3F,
    ]

    /// What follows a backslash.
    private mutating func escape(
        isBytes: Bool, into bytes: inout [UInt8]
    ) throws(SyntaxFailure) {
        let start = position - 1
        let failure = SyntaxFailure(message: "Syntax error: invalid escape", offset: start)
        guard let scalar = peek else { throw failure }
        position += 1
        if let byte = Self.simpleEscapes[scalar] {
            bytes.append(byte)
            return
        }
        let digitCount: Int
        var radix = 16
        switch scalar {
        case "x", "X": digitCount = 2
        case "u" where !isBytes: digitCount = 4
        case "U" where !isBytes: digitCount = 8
        case "0"..."3":
            (digitCount, radix) = (3, 8)
            position -= 1
        default: throw failure
        }
        guard position + digitCount <= scalars.count else { throw failure }
        var digits = ""
        digits.unicodeScalars.append(contentsOf: scalars[position..<position + digitCount])
        position += digitCount
        guard let value = UInt32(digits, radix: radix) else { throw failure }
        if isBytes {
            bytes.append(UInt8(truncatingIfNeeded: value))
        } else if let scalar = Unicode.Scalar(value) {
            bytes += Array(String(Character(scalar)).utf8)
        } else {
            throw failure
        }
    }
}
