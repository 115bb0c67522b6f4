// Bytes as protobuf's JSON form writes them.

import Buffers

/// Base64 with padding (RFC 4648 section 4).
enum Base64 {
    private static let digits: [UInt8] = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")

    /// The value of each digit; 255 for every other byte.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }()

    /// Appends the text of `bytes`.
    static func append(_ bytes: Bytes, to buffer: inout ByteBuffer) {
        let count = (bytes.count + 2) / 3 * 4
        _ = buffer.appendUninitialized(count) { target in
            bytes.withUnsafeBytes { write($0, to: target) }
            return count
        }
    }

    private static func write(
        _ source: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer
    ) {
        digits.withUnsafeBufferPointer { digits in
            var place = 0
            var index = 0
            while index < source.count {
                let left = source.count - index
                let first = UInt32(source[index]) << 16
                let second = left > 1 ? UInt32(source[index + 1]) << 8 : 0
                let group = first | second | (left > 2 ? UInt32(source[index + 2]) : 0)
                target[place] = digits[Int(group >> 18)]
                target[place + 1] = digits[Int(group >> 12 & 63)]
                target[place + 2] = left > 1 ? digits[Int(group >> 6 & 63)] : padding
                target[place + 3] = left > 2 ? digits[Int(group & 63)] : padding
                place += 4
                index += 3
            }
        }
    }

    /// The bytes that `text` stands for; `nil` when it is not padded base64.
    static func decode(_ text: UnsafeRawBufferPointer) -> Bytes? {
        guard text.count % 4 == 0 else { return nil }
        guard text.count > 0 else { return .empty }
        let padded = text[text.count - 1] == padding ? (text[text.count - 2] == padding ? 2 : 1) : 0
        let count = text.count / 4 * 3 - padded
        var buffer = ByteBuffer(reserving: max(count, 1))
        var isValid = true
        _ = buffer.appendUninitialized(count) { target in
            isValid = read(text.dropLast(padded), into: target)
            return count
        }
        return isValid ? buffer.freeze() : nil
    }

    private static func read(
        _ text: Slice<UnsafeRawBufferPointer>, into target: UnsafeMutableRawBufferPointer
    ) -> Bool {
        values.withUnsafeBufferPointer { values in
            var group: UInt32 = 0
            var bitCount = 0
            var place = 0
            for digit in UnsafeRawBufferPointer(rebasing: text) {
                let value = values[Int(digit)]
                guard value < 64 else { return false }
                group = group << 6 | UInt32(value)
                bitCount += 6
                if bitCount >= 8 {
                    bitCount -= 8
                    target[place] = UInt8(truncatingIfNeeded: group >> UInt32(bitCount))
                    place += 1
                }
            }
            return place == target.count
        }
    }
}
