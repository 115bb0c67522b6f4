// Chunks of a body whose length is not known when it starts (RFC 9112, 7.1).

import Buffers
import Glibc

/// Frames payloads as chunks.
public enum ChunkFraming {
    /// The chunk of no length that ends a body.
    public static let last: Bytes = "0\r\n\r\n"

    /// `payload` as one chunk.
    /// - Precondition: it is not empty: that would end the body.
    public static func frame(_ payload: Bytes) -> Bytes {
        var buffer = ByteBuffer(reserving: payload.count + overheadByteCount(of: payload.count))
        append(payload, to: &buffer)
        return buffer.freeze()
    }

    /// Appends `payload` as one chunk.
    /// - Precondition: it is not empty.
    public static func append(_ payload: Bytes, to buffer: inout ByteBuffer) {
        appendStart(of: payload.count, to: &buffer)
        buffer.append(payload)
        buffer.append(literal: "\r\n")
    }

    /// Appends the size line of a chunk. The payload and CR LF must follow.
    /// - Precondition: `byteCount` is at least 1.
    public static func appendStart(of byteCount: Int, to buffer: inout ByteBuffer) {
        precondition(byteCount > 0, "an empty chunk would end the body")
        var shift = (Int.bitWidth - byteCount.leadingZeroBitCount - 1) / 4 * 4
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: byteCount >> shift & 15)
            buffer.append(digit < 10 ? 48 + digit : 87 + digit)
            shift -= 4
        }
        buffer.append(literal: "\r\n")
    }

    /// The bytes around a payload of `byteCount` bytes.
    public static func overheadByteCount(of byteCount: Int) -> Int {
        (Int.bitWidth - byteCount.leadingZeroBitCount + 3) / 4 + 4
    }

    /// What `frames` carry, without a copy.
    /// - Precondition: `frames` are whole chunks as this type makes them.
    public static func payloads(of frames: Bytes) -> [Bytes] {
        var payloads: [Bytes] = []
        var position = 0
        while position < frames.count {
            var size = 0
            while let digit = Octet.hexValue(frames[position]) {
                size = size << 4 | digit
                position += 1
            }
            position += 2
            if size > 0 { payloads.append(frames[position..<position + size]) }
            position += size + 2
        }
        return payloads
    }
}
