// What a client has not taken yet.

import Buffers
import EventLoops

/// Bytes that wait for the client: references to shared memory, not copies.
struct Outgoing {
    private var segments: [Bytes] = []
    private var position = SegmentPosition()

    var isEmpty: Bool { segments.isEmpty }

    mutating func append(_ bytes: Bytes) {
        if !bytes.isEmpty { segments.append(bytes) }
    }

    mutating func append(_ bytes: [Bytes]) {
        if segments.isEmpty {
            segments = bytes
        } else {
            segments.append(contentsOf: bytes)
        }
    }

    mutating func removeAll() {
        segments = []
        position = SegmentPosition()
    }

    enum Result: Equatable { case allSent, full, hasMore, failed }

    /// Writes what `stream` takes, but not for ever. Adds the bytes written to `sentByteCount`.
    mutating func send(to stream: any ByteStream, _ sentByteCount: inout Int) -> Result {
        for _ in 0..<Limits.writesPerTurnMax {
            if segments.isEmpty { return .allSent }
            guard case .bytes(let count, let isFull) = stream.write(segments, from: position)
            else { return .failed }
            sentByteCount += count
            position.advance(by: count, in: segments)
            if position.segment == segments.count {
                removeAll()
                return .allSent
            }
            releaseSent()
            if isFull { return .full }
        }
        return .hasMore
    }

    /// Lets go of what is sent, without moving the rest each time.
    private mutating func releaseSent() {
        guard position.segment > 64, position.segment > segments.count / 2 else { return }
        segments.removeFirst(position.segment)
        position.segment = 0
    }
}
