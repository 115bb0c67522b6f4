// An answer whose end is not known when it begins.

import Buffers
import EventLoops
import HTTPWire

/// What became of a write.
public enum WriteState: Sendable {
    /// More may follow.
    case ready
    /// The bytes will be sent, but the client does not keep up: wait for `onWritable`.
    case full
    /// The client is gone or the answer has ended; the bytes are dropped.
    case closed
}

/// An answer whose end is not known when it begins. Used on its loop only.
public final class ResponseStream: @unchecked Sendable {
    // Reason: used on its loop only, which every call asserts in debug builds.
    public let loop: EventLoop
    private var connection: Connection?
    /// Whether the client is told where chunks end; HTTP/1.0 knows no chunks.
    private let isChunked: Bool
    private var isClosed: Bool
    private var whenEnded: (() -> Void)?

    init(_ connection: Connection, isChunked: Bool) {
        self.connection = connection
        self.isChunked = isChunked
        loop = connection.loop
        isClosed = false
    }

    /// A stream whose client is gone.
    init(closedOn loop: EventLoop) {
        self.loop = loop
        isChunked = true
        isClosed = true
    }

    /// Tells `observer` when the answer has come to its end, one way or the other.
    func observe(by observer: (any ExchangeObserver)?, _ status: HTTPStatus) {
        guard let observer else { return }
        guard !isClosed else { return observer.didAnswer(status) }
        whenEnded = { observer.didAnswer(status) }
    }

    private func tellEnd() {
        let tell = whenEnded
        whenEnded = nil
        tell?()
    }

    /// Called each time everything is sent after a write returned `.full`.
    public var onWritable: (() -> Void)?

    /// Called once when the client goes away before `end()`; also when that happened before this
    /// was set. Never called from within another call.
    public var onClose: (() -> Void)? {
        didSet {
            loop.assertOnLoop()
            if isClosed { fireOnCloseSoon() }
        }
    }

    /// Writes bytes that are framed as whole chunks (see `ChunkFraming`) and may be shared among
    /// many streams. They are taken also when the answer is `.full`.
    public func write(_ frame: Bytes) -> WriteState {
        loop.assertOnLoop()
        guard let connection else { return .closed }
        return isChunked
            ? connection.write(frame) : connection.write(ChunkFraming.payloads(of: frame))
    }

    /// The same for several frames.
    public func write(_ frames: [Bytes]) -> WriteState {
        loop.assertOnLoop()
        guard let connection else { return .closed }
        return connection.write(isChunked ? frames : frames.flatMap(ChunkFraming.payloads(of:)))
    }

    /// Ends the answer. The connection can take the next request. Does nothing when closed.
    public func end() {
        loop.assertOnLoop()
        guard let connection else { return }
        letGo()
        connection.endStream(isChunked ? ChunkFraming.last : .empty)
        tellEnd()
    }

    func becameWritable() { onWritable?() }

    /// The client went away.
    func connectionWasClosed() {
        isClosed = true
        connection = nil
        onWritable = nil
        tellEnd()
        fireOnCloseSoon()
    }

    private func letGo() {
        connection = nil
        onWritable = nil
        onClose = nil
    }

    /// Not at once: the client may be found to be gone in the middle of a caller's work.
    private func fireOnCloseSoon() {
        guard onClose != nil else { return }
        loop.execute { [self] in
            guard let onClose else { return }
            self.onClose = nil
            onClose()
        }
    }
}
