// A request's way back to its client.

import EventLoops
import HTTPWire

/// One request's answer. Used on its loop only.
public final class Exchange: @unchecked Sendable {
    // Reason: used on its loop only, which every call asserts in debug builds.
    public let loop: EventLoop
    private var connection: Connection?
    private var isClosed = false
    let method: Method
    let version: Version

    init(_ connection: Connection, _ head: RequestHead) {
        self.connection = connection
        loop = connection.loop
        method = head.method
        version = head.version
    }

    /// Called once when the client went away before the answer was complete or a stream began; also
    /// when that happened before this was set. Whoever sets it says that the answer is worthless
    /// once the client sends nothing more: the connection is closed then, and an answer is dropped.
    public var onClose: (() -> Void)? {
        didSet {
            loop.assertOnLoop()
            if isClosed { fireOnCloseSoon() }
        }
    }

    /// Sends the answer. Does nothing when the client is gone.
    /// - Precondition: nothing was answered before.
    public func respond(_ response: Response) {
        guard let connection = take() else { return }
        connection.answer(with: response, to: self)
    }

    /// Sends the head of an answer whose length is not known: in chunks, or until the connection
    /// closes for HTTP/1.0. For HEAD, and when the client is gone, the stream is closed at once.
    /// - Precondition: nothing was answered before; the status allows a body.
    public func beginStream(_ head: ResponseHead) -> ResponseStream {
        precondition(!head.status.forbidsBody, "status \(head.status.code) has no body")
        guard let connection = take() else { return ResponseStream(closedOn: loop) }
        return connection.beginStream(with: head, for: self)
    }

    private func take() -> Connection? {
        loop.assertOnLoop()
        if isClosed { return nil }
        guard let connection else { preconditionFailure("answered twice") }
        self.connection = nil
        onClose = nil
        return connection
    }

    /// The client went away.
    func connectionWasClosed() {
        isClosed = true
        connection = nil
        fireOnCloseSoon()
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
