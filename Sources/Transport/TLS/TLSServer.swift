// The server's side of TLS, on every loop of a group.

import Buffers
import Crypto
import EventLoops
import SystemCalls

/// Puts TLS between a server's sockets and their connections.
public final class TLSServer: Sendable {
    private let parts: [ObjectIdentifier: TLSLoop]
    private let counters = TLSCounters()

    /// - Parameters:
    ///   - report: told whose stream went wrong, on any loop; must not wait.
    ///   - context: what a new session is made from; asked for each, on any loop, and must not
    ///     wait.
    public init(
        group: EventLoopGroup, limits: Limits = Limits(),
        report: @escaping TLSReport = { _, _ in },
        context: @escaping @Sendable () -> TLSContext
    ) {
        let counters = counters
        parts = Dictionary(
            uniqueKeysWithValues: group.loops.map { loop in
                (ObjectIdentifier(loop), TLSLoop(loop, limits, counters, report, context))
            })
    }

    /// An encrypted stream that begins its handshake when the client does. Its handler is told once
    /// the handshake is over; when it fails, the stream is reported as broken.
    /// - Parameter peer: the client's address, for reports.
    /// - Precondition: called on the socket's loop, which is one of the group's.
    public func stream(over socket: StreamSocket, from peer: SocketAddress) -> TLSStream {
        guard let part = parts[ObjectIdentifier(socket.loop)] else {
            preconditionFailure("a socket of another group's loop")
        }
        return TLSStream(serving: socket, from: peer, part)
    }

    /// What the server has done up to now.
    public var counts: TLSCounts { counters.present }
}

/// What went wrong, and with whom.
public typealias TLSReport = @Sendable (TLSTrouble, SocketAddress) -> Void

/// What the encrypted streams of one loop share.
final class TLSLoop: @unchecked Sendable {
    // Reason: used on its loop only.
    let loop: EventLoop
    let workspace = TLSWorkspace()
    let handshakes: HandshakeQueue
    let counters: TLSCounters
    let limits: Limits
    let report: TLSReport
    let context: @Sendable () -> TLSContext

    init(
        _ loop: EventLoop, _ limits: Limits, _ counters: TLSCounters,
        _ report: @escaping TLSReport, _ context: @escaping @Sendable () -> TLSContext
    ) {
        self.loop = loop
        self.limits = limits
        self.counters = counters
        self.report = report
        self.context = context
        handshakes = HandshakeQueue(loop, startedMax: limits.handshakesAtOnceMax)
    }
}

/// The client's side of TLS on one loop.
public final class TLSClient: Sendable {
    private let part: TLSLoop
    private let counters = TLSCounters()

    public init(_ context: TLSContext, on loop: EventLoop, limits: Limits = Limits()) {
        part = TLSLoop(loop, limits, counters, { _, _ in }, { context })
    }

    /// An encrypted stream that begins its handshake when the socket is connected. Its handler is
    /// told that the stream is writable once the server has proved to be `name`, and that it is
    /// broken when the handshake fails; `TLSStream.failure` says why.
    /// - Parameter name: the host name or address that the server's certificate must be good for.
    /// - Throws: `TLSFailure` for lack of memory, or when `name` cannot be a server's.
    /// - Precondition: called on the loop, which is the socket's.
    public func stream(
        over socket: StreamSocket, to name: String, resuming ticket: TLSTicket? = nil
    ) throws(TLSFailure) -> TLSStream {
        precondition(socket.loop === part.loop, "a socket of another loop")
        let session = try TLSSession(
            client: part.context(), of: name, resuming: ticket, part.workspace)
        return TLSStream(asking: socket, session, part)
    }
}
