// The checksum of gzip (RFC 1952, section 8).

import Buffers
import CZlib

/// A checksum that grows with the bytes it is shown.
public struct CRC32: Hashable, Sendable {
    /// The checksum of everything so far; 0 of no bytes.
    public private(set) var value: UInt32 = 0

    public init() {}

    public init(of bytes: Bytes) { update(bytes) }

    init(value: UInt32) { self.value = value }

    /// Adds `bytes` at the end.
    public mutating func update(_ bytes: Bytes) {
        let before = UInt(value)
        value = bytes.withUnsafeBytes { buffer in
            guard let start = buffer.bindMemory(to: UInt8.self).baseAddress else { return value }
            return UInt32(truncatingIfNeeded: crc32_z(before, start, buffer.count))
        }
    }

    /// The checksum of two runs, one after the other, from the checksums of both.
    /// - Parameter byteCount: the length of the second run.
    public static func combine(_ first: CRC32, _ second: CRC32, byteCount: Int) -> CRC32 {
        combine(first, second, using: combination(byteCount: byteCount))
    }

    /// What `combine` needs to know of a second run's length. Worth keeping: it costs several
    /// times as much as the combining.
    static func combination(byteCount: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: crc32_combine_gen(byteCount))
    }

    static func combine(_ first: CRC32, _ second: CRC32, using combination: UInt32) -> CRC32 {
        CRC32(
            value: UInt32(
                truncatingIfNeeded: crc32_combine_op(
                    UInt(first.value), UInt(second.value), UInt(combination))))
    }
}
