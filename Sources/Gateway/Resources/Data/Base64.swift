// Base64 (RFC 4648, section 4), as the API writes bytes.

enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")

    /// The text that stands for the UTF-8 of `string`.
    static func encode(_ string: String) -> String {
        let bytes = Array(string.utf8)
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                let index = Int(bits >> (18 - 6 * place) & 63)
                text.append(place <= group.count ? alphabet[index] : padding)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// How many bytes valid Base64 stands for; nothing is decoded.
    static func decodedByteCount(_ text: String) -> Int {
        // Encoders may break lines.
        let characters = text.utf8.count { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        let padded = text.utf8.suffix(2).count { $0 == padding }
        return max(0, characters / 4 * 3 - padded)
    }

    /// The bytes, or `nil` when `text` is not Base64.
    static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var bitCount = 0
        var paddingCount = 0
        for character in text.utf8 {
            if character == UInt8(ascii: "\n") || character == UInt8(ascii: "\r") { continue }
            if character == padding {
                paddingCount += 1
                continue
            }
            guard paddingCount == 0, let digit = value(of: character) else { return nil }
            bits = bits << 6 | UInt32(digit)
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
            }
        }
        let isComplete = (bitCount + paddingCount * 6).isMultiple(of: 8) && paddingCount <= 2
        return isComplete ? bytes : nil
    }

    private static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
