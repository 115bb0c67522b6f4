// zlib's decompressor, for bodies that are at hand as a whole.

import Buffers
import CZlib

/// Why bytes could not be decompressed.
public enum GunzipError: Error, Hashable, Sendable {
    /// Not gzip, a checksum that does not match, or bytes behind the end.
    case malformed
    /// The end is missing.
    case truncated
    /// More plain bytes than the caller takes.
    case tooLarge(byteCountMax: Int)
}

/// The plain bytes of one gzip file that comes in `parts` (RFC 1952).
/// - Parameter byteCountMax: the most plain bytes that the caller takes. A small file can hold a
///   thousand times its length.
/// - Throws: `malformed`, `truncated`, `tooLarge`.
public func gunzip(_ parts: [Bytes], byteCountMax: Int) throws(GunzipError) -> Bytes {
    var stream = InflateStream(byteCountMax: byteCountMax)
    for part in parts where !part.isEmpty { try stream.feed(part) }
    return try stream.finish()
}

/// Owns one `z_stream` that reads gzip.
private struct InflateStream: ~Copyable {
    /// The largest window, and a gzip header in front.
    private static let windowBits: CInt = 15 + 16
    /// How much room is added at a time: as much as zlib's window.
    private static let roomByteCount = 32 << 10

    /// zlib keeps the stream's address, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private let byteCountMax: Int
    private var output = ByteBuffer()
    private var isAtEnd = false

    init(byteCountMax: Int) {
        self.byteCountMax = byteCountMax
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let result = inflateInit2_(
            stream, Self.windowBits, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
        precondition(result == Z_OK, "inflateInit2: \(result)")
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    mutating func feed(_ part: Bytes) throws(GunzipError) {
        guard !isAtEnd else { throw .malformed }
        precondition(part.count <= Int(uInt.max), "\(part.count) bytes in one part")
        try part.withUnsafeBytes { (input) throws(GunzipError) in
            let start = input.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.next_in = UnsafeMutablePointer(mutating: start)
            stream.pointee.avail_in = uInt(input.count)
            repeat { try step() } while stream.pointee.avail_out == 0 && !isAtEnd
        }
        guard stream.pointee.avail_in == 0 else { throw .malformed }
    }

    private mutating func step() throws(GunzipError) {
        _ = try output.appendUninitialized(Self.roomByteCount) { (room) throws(GunzipError) in
            stream.pointee.next_out = room.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_out = uInt(room.count)
            let result = inflate(stream, Z_NO_FLUSH)
            switch result {
            // There was just no input left when the room was filled to the last byte.
            case Z_OK, Z_BUF_ERROR: break
            case Z_STREAM_END: isAtEnd = true
            default: throw .malformed
            }
            return room.count - Int(stream.pointee.avail_out)
        }
        guard output.count <= byteCountMax else { throw .tooLarge(byteCountMax: byteCountMax) }
    }

    consuming func finish() throws(GunzipError) -> Bytes {
        guard isAtEnd else { throw .truncated }
        return output.copy()
    }
}
