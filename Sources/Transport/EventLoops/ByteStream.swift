// What a connection sees of its transport, whether or not it is encrypted.

import Buffers
import SystemCalls

/// What came of a read that did not wait.
public enum ReadOutcome: Equatable, Sendable {
    /// This many bytes. When `isDrained`, a new report comes with new bytes; else reading must go
    /// on, now or after `deliverAgain(.readable)`.
    case bytes(Int, isDrained: Bool)
    case wouldBlock
    /// The peer has finished sending.
    case end
    case failed
}

/// What came of a write that did not wait.
public enum WriteOutcome: Equatable, Sendable {
    /// This many bytes were taken. When that is not all and the stream is not full, the caller may
    /// go on, now or after `deliverAgain(.writable)`; when it is full, a report of `.writable`
    /// comes.
    case bytes(Int, isFull: Bool)
    case failed
}

/// A two-way stream of bytes on a loop that never waits. A layer of encryption is another one.
///
/// What a write did not take must be offered again, the same bytes first, before anything else: a
/// layer may have encrypted it already.
public protocol ByteStream: AnyObject {
    var loop: EventLoop { get }
    /// Who is at the other end. Does not change once the stream has reported something.
    var peerIdentity: PeerIdentity { get }
    /// Told about readiness; kept until the stream is closed.
    var handler: (any ByteStreamHandler)? { get set }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> ReadOutcome
    /// Takes all of `buffer`, unless the stream becomes full.
    func write(_ buffer: UnsafeRawBufferPointer) -> WriteOutcome
    /// Writes the segments from `position` on, as far as they are taken, and at most about 1 MiB.
    func write(_ segments: [Bytes], from position: SegmentPosition) -> WriteOutcome
    /// Reports `readiness` once more, after every other stream has had its turn.
    func deliverAgain(_ readiness: Readiness)
    /// Tells the peer that nothing more will come.
    func finishWriting()
    /// Ends both directions and lets go of the handler. Closing again does nothing.
    func close()
}

extension ByteStream {
    public var peerIdentity: PeerIdentity { .anonymous }
}

/// Who is told when a stream is ready.
public protocol ByteStreamHandler: AnyObject {
    /// Each change is reported once. `.peerFinished` and `.broken` may come with unread bytes.
    func streamBecameReady(_ readiness: Readiness)
    /// The loop ends; the stream is still open and about to be closed.
    func streamWillEnd()
}

/// A place in a list of segments: what comes before has been written.
public struct SegmentPosition: Equatable, Sendable {
    /// The segment, `segments.count` at the end.
    public var segment = 0
    /// Bytes of that segment.
    public var byte = 0

    public init() {}

    /// Moves on by `byteCount` bytes of `segments`.
    /// - Precondition: there are that many.
    public mutating func advance(by byteCount: Int, in segments: [Bytes]) {
        var rest = byteCount
        while segment < segments.count {
            let left = segments[segment].count - byte
            guard rest >= left else { break }
            rest -= left
            segment += 1
            byte = 0
        }
        precondition(rest == 0 || segment < segments.count, "\(rest) bytes too many")
        byte += rest
    }
}
