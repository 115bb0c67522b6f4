// Base64 (RFC 4648, section 4), as the API writes bytes.

public enum Base64 {
    private static let padding = UInt8(ascii: "=")

    /// The text that stands for the UTF-8 of `string`.
    public static func encode(_ string: String) -> String {
        var string = string
        return string.withUTF8 { encode(UnsafeRawBufferPointer($0)) }
    }

    /// The text that stands for `bytes`, on one line and padded.
    public static func encode(_ bytes: UnsafeRawBufferPointer) -> String {
        let characterCount = (bytes.count + 2) / 3 * 4
        return String(unsafeUninitializedCapacity: characterCount) { text in
            for group in 0..<(characterCount / 4) {
                let start = group * 3
                let byteCount = min(3, bytes.count - start)
                var bits: UInt32 = 0
                for place in 0..<byteCount {
                    bits |= UInt32(bytes[start + place]) << UInt32(16 - 8 * place)
                }
                for place in 0..<4 {
                    let digit = UInt8(truncatingIfNeeded: bits >> UInt32(18 - 6 * place) & 63)
                    text[group * 4 + place] = place <= byteCount ? character(digit) : padding
                }
            }
            return characterCount
        }
    }

    private static func character(_ digit: UInt8) -> UInt8 {
        switch digit {
        case 0..<26: UInt8(ascii: "A") + digit
        case 26..<52: UInt8(ascii: "a") + digit - 26
        case 52..<62: UInt8(ascii: "0") + digit - 52
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }

    /// How many bytes valid Base64 stands for; nothing is decoded.
    public static func decodedByteCount(_ text: String) -> Int {
        // Encoders may break lines.
        let characters = text.utf8.count { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        let padded = text.utf8.suffix(2).count { $0 == padding }
        return max(0, characters / 4 * 3 - padded)
    }

    /// The bytes, or `nil` when `text` is not Base64.
    public static func decode(_ text: String) -> [UInt8]? {
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
