// A request's way back to its client.

import EventLoops
import HTTPWire

/// Looks on while a request is answered. Called on the loop of the exchange.
public protocol ExchangeObserver: AnyObject {
    /// The head of the answer is about to be sent; `fields` may be added to.
    func willAnswer(_ status: HTTPStatus, _ fields: inout ResponseFields)
    /// The answer is complete, as far as the client was there to take it; `nil` when the client
    /// went away and nobody answered.
    func didAnswer(_ status: HTTPStatus?)
}

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

    /// Told about the answer, once; who sets it before the answer sees all of it.
    public var observer: (any ExchangeObserver)?

    /// Sends the answer. Does nothing when the client is gone.
    /// - Precondition: nothing was answered before.
    public func respond(_ response: Response) {
        guard let observer = takeObserver() else {
            take()?.answer(with: response, to: self)
            return
        }
        var response = response
        observer.willAnswer(response.status, &response.fields)
        take()?.answer(with: response, to: self)
        observer.didAnswer(response.status)
    }

    /// Sends the head of an answer whose length is not known: in chunks, or until the connection
    /// closes for HTTP/1.0. For HEAD, and when the client is gone, the stream is closed at once.
    /// - Precondition: nothing was answered before; the status allows a body.
    public func beginStream(_ head: ResponseHead) -> ResponseStream {
        precondition(!head.status.forbidsBody, "status \(head.status.code) has no body")
        var head = head
        let observer = takeObserver()
        observer?.willAnswer(head.status, &head.fields)
        let stream =
            take()?.beginStream(with: head, for: self) ?? ResponseStream(closedOn: loop)
        stream.observe(by: observer, head.status)
        return stream
    }

    private func takeObserver() -> (any ExchangeObserver)? {
        defer { observer = nil }
        return observer
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
        // Whoever listens for this does not answer any more.
        if onClose != nil { takeObserver()?.didAnswer(nil) }
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
