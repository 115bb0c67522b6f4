// A gzip member put together from blocks that were compressed before (RFC 1952).

import Buffers

/// A gzip file in the making: a header, blocks in order, and a trailer whose checksum is combined
/// from those of the blocks. Nothing is compressed or copied here.
public struct GzipAssembly {
    static let header = Bytes([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])

    private var run: DeflatedRun

    /// How many bytes `finish` would give if nothing more came.
    public var compressedByteCount: Int {
        Self.header.count + run.compressedByteCount + 2 + 8
    }

    /// - Parameter blockCount: how many blocks to make room for.
    public init(reserving blockCount: Int = 4) {
        run = DeflatedRun(reserving: blockCount)
    }

    /// Adds `block` at the end.
    public mutating func append(_ block: DeflatedBlock) { run.append(block) }

    /// Adds `blocks` at the end.
    public mutating func append(_ blocks: DeflatedRun) { run.append(blocks) }

    /// The whole file, in parts.
    public consuming func finish() -> [Bytes] {
        var trailer = ByteBuffer(reserving: 10)
        // An empty block with fixed codes, marked as the last one.
        trailer.append(0x03)
        trailer.append(0x00)
        trailer.append(gzipTrailerOf: run.crc, byteCount: run.byteCount)
        var parts: [Bytes] = []
        parts.reserveCapacity(run.parts.count + 2)
        parts.append(Self.header)
        parts += run.parts
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
