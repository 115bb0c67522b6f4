// Plaintext cut into records.

import Buffers
import Crypto
import EventLoops
import Glibc

/// Plaintext that becomes records, as large ones as there may be.
protocol PlaintextSource {
    /// The start of what is left, as much as one record holds; empty at the end. Valid while the
    /// plaintext and `room` are, and until the next call.
    func record(joinedIn room: UnsafeMutableRawBufferPointer) -> UnsafeRawBufferPointer
    mutating func advance(by byteCount: Int)
}

/// Plaintext in one piece.
struct BufferSource: PlaintextSource {
    var rest: UnsafeRawBufferPointer

    func record(joinedIn room: UnsafeMutableRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: rest.prefix(room.count))
    }

    mutating func advance(by byteCount: Int) {
        rest = UnsafeRawBufferPointer(rebasing: rest[byteCount...])
    }
}

/// Plaintext in several segments. Those that are shorter than a record are joined.
struct SegmentSource: PlaintextSource {
    let segments: [Bytes]
    var position: SegmentPosition

    func record(joinedIn room: UnsafeMutableRawBufferPointer) -> UnsafeRawBufferPointer {
        guard position.segment < segments.count else {
            return UnsafeRawBufferPointer(rebasing: room[..<0])
        }
        let first = rest(of: position.segment, from: position.byte)
        if first.count >= room.count || position.segment == segments.count - 1 {
            return UnsafeRawBufferPointer(rebasing: first.prefix(room.count))
        }
        return join(into: room)
    }

    private func join(into room: UnsafeMutableRawBufferPointer) -> UnsafeRawBufferPointer {
        var count = 0
        var skipped = position.byte
        for segment in position.segment..<segments.count where count < room.count {
            let piece = rest(of: segment, from: skipped).prefix(room.count - count)
            skipped = 0
            guard let start = piece.base.baseAddress, piece.count > 0 else { continue }
            memcpy(room.baseAddress! + count, start + piece.startIndex, piece.count)
            count += piece.count
        }
        return UnsafeRawBufferPointer(rebasing: room[..<count])
    }

    /// The segments hold the bytes, at one address, longer than the pointer is used.
    private func rest(of segment: Int, from byte: Int) -> UnsafeRawBufferPointer {
        segments[segment].withUnsafeBytes { UnsafeRawBufferPointer(rebasing: $0.dropFirst(byte)) }
    }

    mutating func advance(by byteCount: Int) { position.advance(by: byteCount, in: segments) }
}
