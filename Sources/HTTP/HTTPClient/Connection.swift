// A connection to a server: one call after the other.

import Buffers
import Crypto
import EventLoops
import HTTPWire
import SystemCalls
import TLS

/// One connection to an endpoint. Used on its loop only. While idle it holds no buffer.
final class Connection: ByteStreamHandler, @unchecked Sendable {
    // Reason: used on its loop only.
    let endpoint: Int
    /// What it is encrypted with; nil for plain HTTP.
    let encryption: TLSClient?
    private let stream: any ByteStream
    private unowned let switchboard: Switchboard
    private let loop: EventLoop

    private var parser = ResponseParser()
    private var call: Call?
    private var outgoing: [Bytes] = []
    private var position = SegmentPosition()
    /// Whether reading may give something. The stream reports a change only once.
    private var mayHaveInput = true
    private var serverHasFinished = false
    private var isPaused = false
    private var isOpen = true
    private var isDelivering = false
    private var writeFailed = false
    private(set) var callCount = 0
    /// Whether any byte of the present request was handed to the stream.
    private(set) var hasSentBytes = false

    init(
        _ stream: any ByteStream, to endpoint: Int, _ encryption: TLSClient?,
        _ switchboard: Switchboard
    ) {
        self.stream = stream
        self.endpoint = endpoint
        self.encryption = encryption
        self.switchboard = switchboard
        loop = stream.loop
        stream.handler = self
    }

    var wasReused: Bool { callCount > 1 }

    // MARK: A call

    /// Sends a request and hands its response to `call`.
    /// - Precondition: idle.
    func begin(_ call: Call, _ segments: [Bytes], isForHead: Bool) {
        precondition(self.call == nil && isOpen, "the connection is in use or closed")
        self.call = call
        callCount += 1
        hasSentBytes = false
        parser.begin(isForHead: isForHead)
        outgoing = segments
        position = SegmentPosition()
        flush()
        if mayHaveInput { takeInput() }
    }

    /// Ends the connection, since the rest of the response is not wanted.
    func abandon() {
        call = nil
        close()
    }

    /// Goes on reading once there is room for more of the body.
    func resume() {
        guard isPaused else { return }
        isPaused = false
        if !isDelivering { takeInput() }
    }

    // MARK: Readiness

    func streamBecameReady(_ readiness: Readiness) {
        if readiness.contains(.writable) { flush() }
        if !readiness.isDisjoint(with: [.readable, .peerFinished, .broken]) {
            if !readiness.isDisjoint(with: [.peerFinished, .broken]) { serverHasFinished = true }
            mayHaveInput = true
            takeInput()
        }
    }

    func streamWillEnd() { fail(.closed) }

    // MARK: Writing

    private var hasUnsent: Bool { position.segment < outgoing.count }

    private func flush() {
        guard isOpen, !writeFailed else { return }
        for _ in 0..<Limits.writesPerTurnMax where hasUnsent {
            switch stream.write(outgoing, from: position) {
            case .bytes(let count, let isFull):
                if count > 0 { hasSentBytes = true }
                position.advance(by: count, in: outgoing)
                if isFull { return }
            case .failed:
                // A server may answer before it has read all, and close: the answer counts.
                writeFailed = true
                mayHaveInput = true
                return takeInput()
            }
        }
        if hasUnsent { stream.deliverAgain(.writable) }
    }

    // MARK: Reading

    private func takeInput() {
        for _ in 0..<Limits.readsPerTurnMax {
            guard isOpen, mayHaveInput, !isPaused else { return }
            read()
        }
        if isOpen, mayHaveInput, !isPaused { stream.deliverAgain(.readable) }
    }

    private func read() {
        let scratch = loop.scratch
        switch stream.read(into: scratch) {
        case .bytes(let count, let isDrained):
            // The end that the server announced is found by reading on.
            if isDrained, !serverHasFinished { mayHaveInput = false }
            parse(UnsafeRawBufferPointer(rebasing: scratch[..<count]))
        case .wouldBlock:
            mayHaveInput = false
            if writeFailed { fail(.lost) }
        case .end: ended()
        case .failed:
            let why = (stream as? TLSStream)?.failure?.description
            fail(why.map { .encryption($0) } ?? .lost)
        }
    }

    private func ended() {
        guard let call else { return close() }
        switch parser.inputEnded() {
        case .end:
            self.call = nil
            close()
            call.receivedEnd()
        default: fail(.lost)
        }
    }

    private func parse(_ input: UnsafeRawBufferPointer) {
        isDelivering = true
        defer { isDelivering = false }
        var position = 0
        while isOpen {
            switch parser.next(input, from: &position, switchboard.limits.message) {
            case .needsMore: return
            case .head(let head): received(head)
            case .body(let range): received(UnsafeRawBufferPointer(rebasing: input[range]))
            case .end: return finish(hasMore: position < input.count)
            case .failed(let error): return fail(.malformed(error))
            }
        }
    }

    private var persists = false

    private func received(_ head: IncomingHead) {
        persists = head.persists
        call?.received(head)
    }

    private func received(_ piece: UnsafeRawBufferPointer) {
        if call?.received(Bytes(copying: piece)) == .full { isPaused = true }
    }

    /// The response is complete.
    private func finish(hasMore: Bool) {
        guard let call else { return close() }
        self.call = nil
        isPaused = false
        // A request of which the server did not want all leaves the rest on its way.
        let isReusable = persists && !hasMore && !hasUnsent && !writeFailed
        outgoing = []
        position = SegmentPosition()
        if isReusable { switchboard.becameIdle(self) } else { close() }
        call.receivedEnd()
    }

    // MARK: The end

    private func fail(_ cause: CallFailure.Cause) {
        let call = call
        self.call = nil
        close()
        call?.attemptFailed(cause)
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        stream.close()
        outgoing = []
        position = SegmentPosition()
        switchboard.closed(self)
    }
}
