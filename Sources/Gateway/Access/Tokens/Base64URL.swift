// Base64 for URLs and tokens (RFC 4648, section 5), without padding.

import Buffers

enum Base64URL {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    private static let notADigit: UInt8 = 0xFF

    /// The value of each character.
    private static let digits: [UInt8] = {
        var digits = [UInt8](repeating: notADigit, count: 256)
        for (value, character) in alphabet.enumerated() { digits[Int(character)] = UInt8(value) }
        return digits
    }()

    static func append(_ bytes: Bytes, to buffer: inout ByteBuffer) {
        let characterCount = (bytes.count * 8 + 5) / 6
        _ = buffer.appendUninitialized(characterCount) { text in
            bytes.withUnsafeBytes { source in
                for place in 0..<characterCount {
                    // A character is six bits of the two bytes that it begins in.
                    let bit = place * 6
                    let first = UInt16(source[bit / 8]) << 8
                    let second = bit / 8 + 1 < source.count ? UInt16(source[bit / 8 + 1]) : 0
                    let digit = (first | second) >> UInt16(10 - bit % 8) & 63
                    text[place] = alphabet[Int(digit)]
                }
            }
            return characterCount
        }
    }

    static func encode(_ bytes: Bytes) -> String {
        var buffer = ByteBuffer(reserving: bytes.count * 4 / 3 + 4)
        append(bytes, to: &buffer)
        return String(buffer.freeze())
    }

    /// `nil` unless `text` is exactly what `encode` makes: a text that differs stands for other
    /// bytes, so that nobody can change a token that is known by its digest.
    static func decode(_ text: Bytes) -> Bytes? {
        guard text.count % 4 != 1 else { return nil }
        let byteCount = text.count * 6 / 8
        var buffer = ByteBuffer(reserving: byteCount)
        var bits: UInt32 = 0
        var isSound = true
        _ = buffer.appendUninitialized(byteCount) { room in
            text.withUnsafeBytes { text in
                isSound = decode(text, into: room, leftover: &bits)
            }
            return byteCount
        }
        return isSound && bits == 0 ? buffer.freeze() : nil
    }

    /// Leaves the bits after the last whole byte in `leftover`.
    private static func decode(
        _ text: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer,
        leftover: inout UInt32
    ) -> Bool {
        var bits: UInt32 = 0
        var bitCount: UInt32 = 0
        var place = 0
        return digits.withUnsafeBufferPointer { digits in
            for character in text {
                let digit = digits[Int(character)]
                guard digit != notADigit else { return false }
                bits = bits << 6 | UInt32(digit)
                bitCount += 6
                guard bitCount >= 8 else { continue }
                bitCount -= 8
                room[place] = UInt8(truncatingIfNeeded: bits >> bitCount)
                place += 1
                bits &= (1 << bitCount) - 1
            }
            leftover = bits
            return true
        }
    }
}
