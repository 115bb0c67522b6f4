// An encrypted stream: the handshake, readiness, the end.

import Buffers
import Crypto
import EventLoops
import SystemCalls

/// An encrypted stream over a socket. Used on its loop only. While idle it holds no buffer.
public final class TLSStream: ByteStream, ByteStreamHandler, @unchecked Sendable {
    // Reason: used on its loop only.
    enum Phase: Equatable {
        /// A server's, before its turn to shake hands.
        case waiting
        case shakingHands
        case open
        /// The client speaks plain HTTP; it has been told, and what it still sends is dropped.
        case lingering
        case failed
        case closed
    }

    public let loop: EventLoop
    public var handler: (any ByteStreamHandler)?
    public private(set) var peerIdentity = PeerIdentity.anonymous
    /// Why the handshake or a later record failed, as far as TLS itself knows.
    public internal(set) var failure: TLSFailure?

    let socket: StreamSocket
    let part: TLSLoop
    var session: TLSSession?
    var phase: Phase
    /// The client, of a server's stream.
    private let peer: SocketAddress?
    private var isQueued = false
    private var hasRead = false
    private var hasFinished = false
    private var timer: ScheduledWork?
    /// Whether the peer has said that nothing more comes: what is left is read to the end.
    private(set) var peerHasFinished = false

    /// Ciphertext that was read from the socket and not decrypted yet.
    var undecrypted = Bytes.empty
    /// Whether the socket reports itself when it has more.
    var socketIsDrained = false
    /// How reading ended, to be told after what came before.
    var ending: ReadOutcome?

    /// Ciphertext that the socket has not taken yet.
    var unsent = Bytes.empty
    /// Plaintext in `unsent` that the writer was not told of, and offers again.
    var heldBack = 0
    private var finishesWhenSent = false

    init(serving socket: StreamSocket, from peer: SocketAddress, _ part: TLSLoop) {
        self.socket = socket
        self.part = part
        self.peer = peer
        loop = socket.loop
        phase = .waiting
        begin(after: part.limits.handshakeTimeMax)
    }

    init(asking socket: StreamSocket, _ session: TLSSession, _ part: TLSLoop) {
        self.socket = socket
        self.part = part
        self.session = session
        loop = socket.loop
        peer = nil
        phase = .shakingHands
        begin(after: part.limits.handshakeTimeMax)
    }

    private func begin(after limit: Duration) {
        part.counters.increment(\.handshakesInProgress)
        timer = loop.schedule(after: limit) { [weak self] in self?.timeIsUp() }
        socket.handler = self
    }

    /// The server's or the client's name for what is spoken inside; nil before the handshake.
    public var applicationProtocol: String? { session?.applicationProtocol }
    /// `TLSv1.3` or `TLSv1.2`; nil when the stream is closed.
    public var version: String? { session?.version }
    /// Whether a ticket spared the certificates.
    public var isResumed: Bool { session?.isResumed ?? false }
    /// What a client may resume later. With TLS 1.3 it comes with the first bytes that are read.
    public var ticket: TLSTicket? { session?.ticket }

    private var isServer: Bool { peer != nil }

    /// Tells whoever keeps a log.
    func report(_ trouble: TLSTrouble) {
        if let peer { part.report(trouble, peer) }
    }

    // MARK: Readiness

    public func streamBecameReady(_ readiness: Readiness) {
        if readiness.contains(.peerFinished) { peerHasFinished = true }
        switch phase {
        case .waiting: readinessWhileWaiting(readiness)
        case .shakingHands: readinessInHandshake(readiness)
        case .open: readinessWhileOpen(readiness)
        case .lingering: drop(readiness)
        case .failed, .closed: break
        }
    }

    public func streamWillEnd() { handler?.streamWillEnd() }

    private func readinessWhileWaiting(_ readiness: Readiness) {
        if readiness.contains(.broken) { return giveUp() }
        guard readiness.contains(.readable), !isQueued else { return }
        isQueued = true
        part.handshakes.enter(self)
    }

    private func readinessInHandshake(_ readiness: Readiness) {
        if readiness.contains(.broken) { return giveUp() }
        guard flushUnsent() else { return giveUp() }
        shakeHands()
    }

    private func readinessWhileOpen(_ readiness: Readiness) {
        var readiness = readiness
        if readiness.contains(.writable), !unsent.isEmpty {
            if !flushUnsent() { readiness.insert(.broken) }
            if !unsent.isEmpty { readiness.remove(.writable) }
            if unsent.isEmpty, finishesWhenSent { socket.finishWriting() }
        }
        if !readiness.isEmpty { handler?.streamBecameReady(readiness) }
    }

    // MARK: The handshake

    var isWaiting: Bool { phase == .waiting }

    /// It is this stream's turn.
    func begin() {
        do {
            session = try TLSSession(server: part.context(), part.workspace)
        } catch {
            failure = error
            part.handshakes.leave()
            return giveUp()
        }
        phase = .shakingHands
        shakeHands()
    }

    private func shakeHands() {
        guard let session else { return }
        for _ in 0..<Limits.readsWithoutDataMax {
            switch offerInput() {
            case .offered: break
            // A client speaks first.
            case .nothing: if isServer || hasRead { return }
            case .ended: return giveUp()
            }
            if isServer, !hasRead, looksPlain(part.workspace.unreadInput) { return answerPlainly() }
            hasRead = true
            let progress = session.shakeHands()
            keepUnread()
            guard sendOutput() else { return giveUp() }
            switch progress {
            case .done: return handshakeEnded(session)
            case .failed(let failure):
                self.failure = failure
                return giveUp()
            case .needsInput: if socketIsDrained, undecrypted.isEmpty { return }
            }
        }
        deliverAgain(.readable)
    }

    private func handshakeEnded(_ session: TLSSession) {
        leaveHandshake(to: .open)
        part.counters.increment(\.handshakes)
        if session.isResumed { part.counters.increment(\.resumed) }
        if isServer, let (certificate, refusal) = session.peer {
            if refusal != nil { part.counters.increment(\.certificatesRefused) }
            peerIdentity = PeerIdentity(certificate, refusal)
        }
        var readiness = Readiness.writable
        if peerHasFinished { readiness.insert(.peerFinished) }
        if !undecrypted.isEmpty || !socketIsDrained { readiness.insert(.readable) }
        handler?.streamBecameReady(readiness)
    }

    /// The handshake is over, well or not.
    private func leaveHandshake(to next: Phase) {
        timer?.cancel()
        timer = nil
        if phase == .waiting || phase == .shakingHands {
            part.counters.add(-1, to: \.handshakesInProgress)
        }
        let hadTurn = isServer && phase == .shakingHands
        phase = next
        if hadTurn { part.handshakes.leave() }
    }

    private func giveUp() {
        part.counters.increment(\.handshakesFailed)
        if let failure {
            report(.handshakeFailed(failure))
        } else if hasRead {
            report(.handshakeAbandoned)
        }
        fail()
    }

    private func fail() {
        leaveHandshake(to: .failed)
        session = nil
        handler?.streamBecameReady(.broken)
    }

    private func timeIsUp() {
        timer = nil
        if phase == .lingering { return fail() }
        part.counters.increment(\.handshakesTimedOut)
        report(.handshakeTimedOut)
        fail()
    }

    // MARK: Plain HTTP

    /// No record of TLS begins with a letter (RFC 8446, 5.1), and every HTTP method does.
    private func looksPlain(_ input: UnsafeRawBufferPointer) -> Bool {
        input.first.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) } ?? false
    }

    private static let plainAnswer: Bytes = """
        HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 48\r\n\
        Connection: close\r\n\r\nClient sent an HTTP request to an HTTPS server.\n
        """

    private func answerPlainly() {
        part.counters.increment(\.plainClients)
        report(.plainHTTP)
        part.workspace.withdrawInput()
        leaveHandshake(to: .lingering)
        session = nil
        _ = Self.plainAnswer.withUnsafeBytes { socket.write($0) }
        socket.finishWriting()
        // To close with unread bytes may destroy the answer on its way (RFC 9112, 9.6).
        timer = loop.schedule(after: part.limits.lingerTimeMax) { [weak self] in self?.timeIsUp() }
        drop(.readable)
    }

    private func drop(_ readiness: Readiness) {
        for _ in 0..<Limits.readsWithoutDataMax {
            switch socket.read(into: part.workspace.inputRoom) {
            case .bytes(_, let isDrained): if isDrained { return }
            case .wouldBlock: return
            case .end, .failed: return fail()
            }
        }
        socket.deliverAgain(.readable)
    }

    // MARK: The end

    public func deliverAgain(_ readiness: Readiness) { socket.deliverAgain(readiness) }

    public func finishWriting() {
        loop.assertOnLoop()
        sayGoodbye()
        if unsent.isEmpty { return socket.finishWriting() }
        finishesWhenSent = true
    }

    public func close() {
        loop.assertOnLoop()
        guard phase != .closed else { return }
        if unsent.isEmpty { sayGoodbye() }
        leaveHandshake(to: .closed)
        session = nil
        unsent = .empty
        undecrypted = .empty
        handler = nil
        socket.close()
    }

    /// RFC 8446, 6.1: tells the peer that nothing was cut off.
    private func sayGoodbye() {
        guard phase == .open, !hasFinished else { return }
        hasFinished = true
        session?.finishWriting()
        _ = sendOutput()
    }
}
