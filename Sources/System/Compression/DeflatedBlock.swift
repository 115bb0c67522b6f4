// A piece of a deflate stream that stands on its own (RFC 1951).

import Buffers

/// Deflate blocks that begin and end on a byte boundary and refer to nothing before them, so that
/// they can be put one after another in any order.
public struct DeflatedBlock: Sendable {
    /// The compressed form. None of its blocks is marked as the last one.
    public let bytes: Bytes
    /// The checksum of the plain bytes.
    public let crc: CRC32
    /// How many plain bytes there are.
    public let byteCount: Int
    let combination: UInt32

    init(bytes: Bytes, crc: CRC32, byteCount: Int) {
        self.bytes = bytes
        self.crc = crc
        self.byteCount = byteCount
        combination = CRC32.combination(byteCount: byteCount)
    }

    /// `plain` as it is, in a stored block: five bytes longer, and no work.
    /// - Precondition: `plain` has at most 65,535 bytes.
    public init(stored plain: Bytes) {
        precondition(plain.count <= Limits.storedBlockByteCountMax, "\(plain.count) bytes")
        var buffer = ByteBuffer(reserving: plain.count + 5)
        let length = UInt16(plain.count)
        buffer.append(0)
        for half in [length, ~length] {
            buffer.append(UInt8(truncatingIfNeeded: half))
            buffer.append(UInt8(truncatingIfNeeded: half >> 8))
        }
        buffer.append(plain)
        self.init(bytes: buffer.freeze(), crc: CRC32(of: plain), byteCount: plain.count)
    }

    /// The block for `first` and then `second`, in one run of bytes.
    public init(_ first: DeflatedBlock, followedBy second: DeflatedBlock) {
        var buffer = ByteBuffer(reserving: first.bytes.count + second.bytes.count)
        buffer.append(first.bytes)
        buffer.append(second.bytes)
        self.init(
            bytes: buffer.freeze(),
            crc: CRC32.combine(first.crc, second.crc, using: second.combination),
            byteCount: first.byteCount + second.byteCount)
    }

    /// The same plain bytes, with the compressed form taken from `bytes`, which equal it. Two
    /// blocks of which one ends the other share memory that way.
    public func sharing(_ bytes: Bytes) -> DeflatedBlock {
        assert(bytes == self.bytes)
        return DeflatedBlock(bytes: bytes, crc: crc, byteCount: byteCount)
    }
}
