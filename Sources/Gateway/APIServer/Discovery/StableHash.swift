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
