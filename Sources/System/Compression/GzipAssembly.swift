// A gzip member put together from blocks that were compressed before (RFC 1952).

import Buffers

/// A gzip file in the making: a header, blocks in order, and a trailer whose checksum is combined
/// from those of the blocks. Nothing is compressed or copied here.
public struct GzipAssembly {
    static let header = Bytes([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])

    private var parts: [Bytes]
    private var crc = CRC32()
    private var byteCount = 0
    /// How many bytes `finish` would give if nothing more came.
    public private(set) var compressedByteCount = GzipAssembly.header.count + 2 + 8

    /// - Parameter blockCount: how many blocks to make room for.
    public init(reserving blockCount: Int = 4) {
        parts = []
        parts.reserveCapacity(blockCount + 2)
        parts.append(Self.header)
    }

    /// Adds `block` at the end.
    public mutating func append(_ block: DeflatedBlock) {
        guard block.byteCount > 0 else { return }
        parts.append(block.bytes)
        crc = CRC32.combine(crc, block.crc, using: block.combination)
        byteCount += block.byteCount
        compressedByteCount += block.bytes.count
    }

    /// The whole file, in parts.
    public consuming func finish() -> [Bytes] {
        var trailer = ByteBuffer(reserving: 10)
        // An empty block with fixed codes, marked as the last one.
        trailer.append(0x03)
        trailer.append(0x00)
        trailer.append(gzipTrailerOf: crc, byteCount: byteCount)
        parts.append(trailer.freeze())
        return parts
    }
}

extension ByteBuffer {
    /// Appends the checksum and the length modulo 2^32, least significant byte first.
    mutating func append(gzipTrailerOf crc: CRC32, byteCount: Int) {
        for number in [crc.value, UInt32(truncatingIfNeeded: byteCount)] {
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                append(UInt8(truncatingIfNeeded: number >> shift))
            }
        }
    }
}
