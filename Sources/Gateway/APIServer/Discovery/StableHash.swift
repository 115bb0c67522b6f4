import Buffers

/// FNV-1a, 64 bits: a hash that is the same in every run. Not for secrets.
enum StableHash {
    static func value(of bytes: Bytes) -> UInt64 {
        bytes.withUnsafeBytes { buffer in
            buffer.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        }
    }

    /// The hash as 16 hexadecimal digits.
    static func hexadecimal(of bytes: Bytes) -> String {
        let digits = String(value(of: bytes), radix: 16, uppercase: true)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The hash, most significant byte first.
    static func bytes(of bytes: Bytes) -> [UInt8] {
        let hash = value(of: bytes)
        return (0..<8).map { UInt8(truncatingIfNeeded: hash >> (56 - 8 * UInt64($0))) }
    }
}

/// RFC 4648 section 4.
enum Base64 {
    static func encode(_ bytes: [UInt8]) -> String {
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits: UInt32 = 0
            for byte in group { bits = bits << 8 | UInt32(byte) }
            bits <<= 8 * UInt32(3 - group.count)
            for place in 0..<4 {
                text +=
                    place <= group.count
                    ? alphabet[Int(bits >> (18 - 6 * UInt32(place)) & 63)] : "="
            }
        }
        return text
    }

    private static let alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".map(String.init)
}
