// A connection from accept to close: reading requests, time limits, the end.

import Buffers
import EventLoops
import HTTPWire
import SystemCalls

/// One client's connection. Used on its loop only. While idle it holds no buffer.
final class Connection: ByteStreamHandler, @unchecked Sendable {
    // Reason: used on its loop only.
    let loop: EventLoop
    let stream: any ByteStream
    let server: LoopServer
    var state = ConnectionState()
    var outgoing = Outgoing()
    /// Who waits for an answer or sends one, to be told when the client goes away.
    var exchange: Exchange?
    var responseStream: ResponseStream?

    private let peer: SocketAddress
    private let listener: ListenerName
    private var parser = RequestParser()
    private var gathering: Gathering?
    /// What was read while the request before it was not answered.
    private var unparsed = Bytes.empty
    /// Whether reading may give something. The stream reports a change only once.
    private var mayHaveInput = false
    private var clientHasFinished = false
    private var isParsing = false
    private var lingeredByteCount = 0
    private var deadline = LoopTime.never
    private var timer: ScheduledWork?
    private var memo: ConnectionMemo?
    /// Whether it came when the server had all that it serves.
    var isShed = false
    /// Where the server keeps this connection.
    var place = 0

    init(_ stream: any ByteStream, from peer: SocketAddress, _ port: Port, _ server: LoopServer) {
        self.stream = stream
        self.peer = peer
        self.server = server
        listener = port.name
        loop = stream.loop
        stream.handler = self
        setDeadline(server.timeLimits.idle)
    }

    // MARK: Readiness

    func streamBecameReady(_ readiness: Readiness) {
        if readiness.contains(.broken) { return close() }
        if readiness.contains(.writable) { flush() }
        if readiness.contains(.peerFinished) { clientHasFinished = true }
        if readiness.contains(.readable) || clientHasFinished {
            mayHaveInput = true
            takeInput()
        }
        if readiness.contains(.peerFinished) { reactToFinish() }
    }

    func streamWillEnd() { close() }

    private func reactToFinish() {
        let isListening = exchange?.onClose != nil
        if state.clientFinished(answerIsListening: isListening) == .close { close() }
    }

    // MARK: Reading

    /// Whether the client sent, or may have sent, what is not parsed yet.
    var hasUnread: Bool { mayHaveInput || !unparsed.isEmpty }

    /// Goes on with what the client sent in the meantime, after the other connections.
    func takeInputSoon() {
        if !isParsing, hasUnread { stream.deliverAgain(.readable) }
    }

    private func takeInput() {
        if !unparsed.isEmpty, state.takesRequest {
            let kept = unparsed
            unparsed = .empty
            kept.withUnsafeBytes { parse($0) }
        }
        for _ in 0..<Limits.readsPerTurnMax {
            guard state.mayRead, mayHaveInput, unparsed.isEmpty else { return }
            read()
        }
        if state.mayRead, mayHaveInput { stream.deliverAgain(.readable) }
    }

    private func read() {
        let scratch = loop.scratch
        switch stream.read(into: scratch) {
        case .bytes(let count, let isDrained):
            // The end that the client announced is found by reading on.
            if isDrained, !clientHasFinished { mayHaveInput = false }
            if state.phase == .lingering { return drop(count) }
            parse(UnsafeRawBufferPointer(rebasing: scratch[..<count]))
        case .wouldBlock: mayHaveInput = false
        case .end, .failed: close()
        }
    }

    private func drop(_ byteCount: Int) {
        lingeredByteCount += byteCount
        if lingeredByteCount > server.limits.lingerByteCountMax { close() }
    }

    private func parse(_ input: UnsafeRawBufferPointer) {
        isParsing = true
        defer { isParsing = false }
        var position = 0
        var head: RequestHead?
        while state.takesRequest {
            switch parser.next(input, from: &position, server.limits.message) {
            case .needsMore:
                return waitForMore()
            case .head(let complete) where complete.bodyByteCount == 0:
                head = complete
            case .head(let complete):
                beginBody(complete, hereByteCount: input.count - position)
            case .body(let range):
                gathering?.append(input, range)
            case .end:
                finishRequest(head)
            case .failed(let error):
                return refuse(error)
            }
        }
        if position < input.count, state.phase != .closed, state.persists {
            unparsed = Bytes(copying: UnsafeRawBufferPointer(rebasing: input[position...]))
        }
    }

    private func waitForMore() {
        if gathering != nil {
            setDeadline(server.timeLimits.bodyStall)
        } else if parser.isInsideRequest, state.headIsPartial() {
            setDeadline(server.timeLimits.head)
        }
    }

    private func beginBody(_ head: RequestHead, hereByteCount: Int) {
        // What is here already costs nothing more.
        let isHere = head.bodyByteCount.map { $0 <= hereByteCount } ?? false
        guard isHere || server.handler.wantsBody(of: request(head)) else {
            return handOverWithoutBody(head)
        }
        state.bodyBegan()
        gathering = Gathering(head)
        // RFC 9110, 10.1.1: not needed when some of the body is here already.
        if head.expectsContinue, hereByteCount == 0 { sendContinue() }
    }

    private func handOverWithoutBody(_ head: RequestHead) {
        if isShed { return refuse(.overloaded) }
        state.refuse()
        var request = request(head)
        request.lacksBody = true
        handOver(request)
    }

    private func finishRequest(_ bodilessHead: RequestHead?) {
        let gathered = gathering
        gathering = nil
        guard let head = gathered?.head ?? bodilessHead else { preconditionFailure("no head") }
        if isShed { return refuse(.overloaded) }
        state.requestEnded(persists: head.persists)
        handOver(request(head, gathered?.takeBody() ?? .empty))
    }

    private func handOver(_ request: Request) {
        deadline = .never
        server.counters.requestReceived()
        let exchange = Exchange(self, request.head)
        self.exchange = exchange
        server.handler.handle(request, exchange)
    }

    private func request(_ head: RequestHead, _ body: Bytes = .empty) -> Request {
        var request = Request(
            head: head, body: body, peer: peer, listener: listener, id: server.nextRequestID())
        let identity = stream.peerIdentity
        if case .anonymous = identity { return request }
        request.peerIdentity = identity
        if memo == nil { memo = ConnectionMemo() }
        request.memo = memo
        return request
    }

    private func refuse(_ error: RequestError) {
        gathering = nil
        unparsed = .empty
        state.refuse()
        deadline = .never
        server.counters.requestRefused()
        send(server.handler.respond(to: error), version: .http11, isHead: false)
    }

    // MARK: Time limits

    /// Runs out after `nanoseconds`, unless it is set again before.
    func setDeadline(_ nanoseconds: Int64) {
        deadline = loop.now.advanced(byNanoseconds: nanoseconds)
        // A timer that is due earlier looks at the deadline and sets itself again.
        if let timer, timer.due <= deadline { return }
        timer?.cancel()
        setTimer()
    }

    func stopDeadline() { deadline = .never }

    private func setTimer() {
        timer = loop.schedule(at: deadline) { [self] in timerFired() }
    }

    private func timerFired() {
        timer = nil
        guard deadline != .never else { return }
        guard loop.now >= deadline else { return setTimer() }
        switch state.timedOut() {
        case .refuse: refuse(RequestError(.requestTimeout, "the request did not arrive in time"))
        case .close: close()
        case .ignore: break
        }
    }

    // MARK: The end

    /// Takes no more requests than one that may be on its way.
    func drain() {
        switch state.drain() {
        case .close: close()
        case .awaitLastRequest: setDeadline(server.timeLimits.lastRequest)
        case .finish, .ignore: break
        }
    }

    /// Sends no more, and drops what the client still sends.
    func linger() {
        stream.finishWriting()
        unparsed = .empty
        setDeadline(server.timeLimits.linger)
        takeInputSoon()
    }

    func close() {
        guard state.phase != .closed else { return }
        state.close()
        stream.close()
        outgoing.removeAll()
        unparsed = .empty
        gathering = nil
        timer?.cancel()
        timer = nil
        server.remove(self)
        abandonAnswer()
    }

    private func abandonAnswer() {
        let (exchange, responseStream) = (exchange, responseStream)
        self.exchange = nil
        self.responseStream = nil
        if exchange != nil || responseStream != nil { server.counters.requestEnded() }
        exchange?.connectionWasClosed()
        responseStream?.connectionWasClosed()
    }
}

/// A request whose body is on its way.
private final class Gathering {
    let head: RequestHead
    private var buffer: ByteBuffer

    init(_ head: RequestHead) {
        self.head = head
        buffer = ByteBuffer(
            reserving: min(head.bodyByteCount ?? 0, Limits.bodyReserveByteCountMax))
    }

    func append(_ input: UnsafeRawBufferPointer, _ range: Range<Int>) {
        buffer.append(UnsafeRawBufferPointer(rebasing: input[range]))
    }

    func takeBody() -> Bytes {
        var taken = ByteBuffer(reserving: 0)
        swap(&taken, &buffer)
        return taken.freeze()
    }
}

extension RequestError {
    static let overloaded = RequestError(
        .tooManyRequests, "the server has all the connections that it serves; try another one")
}
