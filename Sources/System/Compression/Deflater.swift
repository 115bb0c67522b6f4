// zlib's compressor, used again and again.

import Buffers
import CZlib
import Synchronization

/// A compressor. Each call compresses on its own, without reference to the calls before it;
/// callers on several threads take turns.
public final class Deflater: Sendable {
    private let stream: Mutex<DeflateStream>

    public init() {
        stream = Mutex(DeflateStream(level: Limits.level))
    }

    /// - Parameter level: zlib's level, 1 (fast) to 9 (small).
    /// - Precondition: `level` is in `1...9`.
    public init(level: Int) {
        precondition((1...9).contains(level), "level \(level)")
        stream = Mutex(DeflateStream(level: CInt(level)))
    }

    /// `parts`, one after another, as raw deflate that ends on a byte boundary (`Z_FULL_FLUSH`)
    /// and is not marked as the end.
    public func deflate(_ parts: Bytes...) -> Bytes { compress(parts, flush: Z_FULL_FLUSH) }

    /// `parts`, one after another, as a block for a `GzipAssembly`.
    public func block(_ parts: [Bytes]) -> DeflatedBlock {
        let bytes = compress(parts, flush: Z_FULL_FLUSH)
        return DeflatedBlock(
            bytes: bytes, crc: Self.checksum(parts), byteCount: Self.byteCount(parts))
    }

    /// `parts`, one after another, as a whole gzip file, for bodies that are not kept.
    public func gzip(_ parts: [Bytes]) -> Bytes {
        let byteCount = Self.byteCount(parts)
        return stream.withLock { stream in
            var output = ByteBuffer(
                reserving: GzipAssembly.header.count + stream.bound(byteCount: byteCount) + 8)
            output.append(GzipAssembly.header)
            stream.compress(parts, flush: Z_FINISH, into: &output)
            output.append(gzipTrailerOf: Self.checksum(parts), byteCount: byteCount)
            return output.freeze()
        }
    }

    private func compress(_ parts: [Bytes], flush: CInt) -> Bytes {
        stream.withLock { stream in
            var output = ByteBuffer(reserving: stream.bound(byteCount: Self.byteCount(parts)))
            stream.compress(parts, flush: flush, into: &output)
            return output.freeze()
        }
    }

    private static func byteCount(_ parts: [Bytes]) -> Int {
        parts.reduce(0) { $0 + $1.count }
    }

    private static func checksum(_ parts: [Bytes]) -> CRC32 {
        var crc = CRC32()
        for part in parts { crc.update(part) }
        return crc
    }
}

/// Owns one `z_stream` that writes raw deflate.
private struct DeflateStream: ~Copyable {
    /// Raw deflate, with the largest window that there is.
    private static let windowBits: CInt = -15

    /// zlib keeps the stream's address, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>

    init(level: CInt) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let result = deflateInit2_(
            stream, level, Z_DEFLATED, Self.windowBits, Limits.memoryLevel, Z_DEFAULT_STRATEGY,
            ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
        precondition(result == Z_OK, "deflateInit2: \(result)")
    }

    deinit {
        deflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    /// Room in which `byteCount` bytes fit compressed, with the flush at the end.
    func bound(byteCount: Int) -> Int { Int(deflateBound(stream, UInt(byteCount))) + 16 }

    mutating func compress(_ parts: [Bytes], flush: CInt, into output: inout ByteBuffer) {
        let result = deflateReset(stream)
        precondition(result == Z_OK, "deflateReset: \(result)")
        for part in parts where !part.isEmpty {
            part.withUnsafeBytes { feed($0, flush: Z_NO_FLUSH, into: &output) }
        }
        feed(UnsafeRawBufferPointer(start: nil, count: 0), flush: flush, into: &output)
    }

    private mutating func feed(
        _ input: UnsafeRawBufferPointer, flush: CInt, into output: inout ByteBuffer
    ) {
        precondition(input.count <= Int(uInt.max), "\(input.count) bytes in one part")
        let start = input.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.next_in = UnsafeMutablePointer(mutating: start)
        stream.pointee.avail_in = uInt(input.count)
        repeat {
            let room = max(Int(deflateBound(stream, UInt(stream.pointee.avail_in))), 64) + 16
            _ = output.appendUninitialized(room) { target in
                stream.pointee.next_out = target.bindMemory(to: UInt8.self).baseAddress
                stream.pointee.avail_out = uInt(clamping: target.count)
                let result = deflate(stream, flush)
                precondition(result != Z_STREAM_ERROR, "deflate: \(result)")
                return target.count - Int(stream.pointee.avail_out)
            }
        } while stream.pointee.avail_out == 0 || stream.pointee.avail_in > 0
    }
}

/// Compressors for several threads, so that one does not wait while another one compresses.
public final class DeflaterPool: Sendable {
    private let idle = Mutex<[Deflater]>([])

    public init() {}

    /// Lends a compressor to `body`.
    public func withDeflater<Result>(_ body: (Deflater) -> Result) -> Result {
        let deflater = idle.withLock { $0.popLast() } ?? Deflater()
        defer {
            idle.withLock { idle in
                if idle.count < Limits.idleDeflaterCountMax { idle.append(deflater) }
            }
        }
        return body(deflater)
    }
}
