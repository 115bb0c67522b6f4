// Blocks in order, and what a checksum over all of them needs.

import Buffers

/// Several blocks, one after another, that are put into gzip files as a whole.
public struct DeflatedRun: Sendable {
    /// The compressed forms.
    public private(set) var parts: [Bytes] = []
    /// The checksum of the plain bytes.
    public private(set) var crc = CRC32()
    /// How many plain bytes there are.
    public private(set) var byteCount = 0
    /// How many compressed bytes there are.
    public private(set) var compressedByteCount = 0

    /// - Parameter partCount: how many blocks to make room for.
    public init(reserving partCount: Int = 0) { parts.reserveCapacity(partCount) }

    public mutating func append(_ block: DeflatedBlock) {
        guard block.byteCount > 0 else { return }
        parts.append(block.bytes)
        crc = CRC32.combine(crc, block.crc, using: block.combination)
        byteCount += block.byteCount
        compressedByteCount += block.bytes.count
    }

    public mutating func append(_ run: DeflatedRun) {
        guard run.byteCount > 0 else { return }
        parts += run.parts
        crc = CRC32.combine(crc, run.crc, byteCount: run.byteCount)
        byteCount += run.byteCount
        compressedByteCount += run.compressedByteCount
    }
}
