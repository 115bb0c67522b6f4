// Streams on real sockets: a server's end, a client's end, and what may stand between them.

import Buffers
import Crypto
import EventLoops
import HTTPTesting
import Synchronization
import SystemCalls
import TLS

/// A TLS server on two loops with a clock that is moved by hand.
final class StreamRig: Sendable {
    let clock = ManualClock()
    let group: EventLoopGroup
    let server: TLSServer
    let serverContext: TLSContext
    /// What went wrong with whom.
    let troubles: Troubles
    /// Whom every stream comes from, as far as the server knows.
    let peer = SocketAddress.loopback(port: 4711)

    var loop: EventLoop { group.loops[0] }

    init(limits: Limits = Limits(), clientAuthorities: Bytes? = nil) throws {
        let context = try TestContext.server(clientAuthorities: clientAuthorities)
        serverContext = context
        group = try EventLoopGroup(count: 2, clock: clock)
        let troubles = Troubles()
        self.troubles = troubles
        server = TLSServer(
            group: group, limits: limits, report: { troubles.add($0, $1) }, context: { context })
    }

    deinit { group.shutDown() }

    func onLoop<Result: Sendable>(
        _ loop: EventLoop? = nil, _ work: @escaping @Sendable () -> Result
    ) async -> Result {
        await withCheckedContinuation { continuation in
            (loop ?? self.loop).execute { continuation.resume(returning: work()) }
        }
    }

    /// Moves the clock and does what became due.
    func advance(seconds: Int64) async {
        clock.advance(seconds: seconds)
        await onLoop { [loop] in loop.runDueWork() }
    }

    /// A server's end, and the socket of its client.
    func accept(on loop: EventLoop? = nil) async -> (server: StreamEnd, socket: StreamEnd) {
        let loop = loop ?? self.loop
        return await onLoop(loop) { [server, peer] in
            let (first, second) = Self.sockets(on: loop)
            return (StreamEnd(server.stream(over: first, from: peer)), StreamEnd(second))
        }
    }

    /// Both ends of an encrypted stream.
    func connect(
        _ context: TLSContext? = nil, resuming ticket: TLSTicket? = nil,
        on loop: EventLoop? = nil, through script: Relay.Script? = nil
    ) async throws -> (server: StreamEnd, client: StreamEnd) {
        let context = try context ?? TestContext.client()
        let loop = loop ?? self.loop
        return await onLoop(loop) { [server, peer] in
            let (near, far) = Self.sockets(on: loop, through: script)
            let client = TLSClient(context, on: loop)
            let serving = StreamEnd(server.stream(over: far, from: peer))
            guard let stream = try? client.stream(over: near, to: "localhost", resuming: ticket)
            else { preconditionFailure("no memory") }
            return (serving, StreamEnd(stream))
        }
    }

    private static func sockets(
        on loop: EventLoop, through script: Relay.Script?
    ) -> (StreamSocket, StreamSocket) {
        let (near, relayNear) = sockets(on: loop)
        guard let script else { return (near, relayNear) }
        let (relayFar, far) = sockets(on: loop)
        Relay.connect(relayNear, relayFar, script)
        return (near, far)
    }

    private static func sockets(on loop: EventLoop) -> (StreamSocket, StreamSocket) {
        guard let pair = try? Descriptor.socketPair() else { preconditionFailure("no sockets") }
        return pair.take { first, second in
            guard let first = try? StreamSocket(first, on: loop),
                let second = try? StreamSocket(second, on: loop)
            else { preconditionFailure("no sockets") }
            return (first, second)
        }
    }
}

extension StreamEnd {
    var tls: TLSStream {
        guard let stream = stream as? TLSStream else { preconditionFailure("not encrypted") }
        return stream
    }
}

/// Collects what a server reports.
final class Troubles: Sendable {
    private let found = Mutex<[TLSTrouble]>([])

    func add(_ trouble: TLSTrouble, _ peer: SocketAddress) {
        precondition(peer.port == 4711, "somebody else's trouble")
        found.withLock { $0.append(trouble) }
    }

    /// Everything since the last time, in words.
    func take() -> [String] {
        found.withLock { found in
            defer { found = [] }
            return found.map(\.description)
        }
    }
}

/// Passes bytes on from one socket to another, in pieces of its own making.
final class Relay: ByteStreamHandler, @unchecked Sendable {
    // Reason: used on its loop only.
    /// What becomes of bytes on their way. The first argument counts those before.
    struct Script: Sendable {
        /// How long the next piece is.
        var pieceLength: @Sendable () -> Int = { .max }
        /// What arrives instead of a piece from the client; nil cuts the connection.
        var change: @Sendable (_ offset: Int, _ piece: [UInt8]) -> [UInt8]? = { $1 }
    }

    private let source: StreamSocket
    private let target: StreamSocket
    private let script: Script
    private let isFromClient: Bool
    private var queue: [UInt8] = []
    private var offset = 0
    private var hasEnded = false

    static func connect(_ client: StreamSocket, _ server: StreamSocket, _ script: Script) {
        let up = Relay(from: client, to: server, script, isFromClient: true)
        let down = Relay(from: server, to: client, script, isFromClient: false)
        client.handler = up
        server.handler = down
    }

    private init(
        from source: StreamSocket, to target: StreamSocket, _ script: Script, isFromClient: Bool
    ) {
        self.source = source
        self.target = target
        self.script = script
        self.isFromClient = isFromClient
    }

    func streamBecameReady(_ readiness: Readiness) {
        while !hasEnded {
            switch source.read(into: source.loop.scratch) {
            case .bytes(let count, _): queue += source.loop.scratch[..<count]
            case .wouldBlock: return pass()
            case .end, .failed: hasEnded = true
            }
        }
        pass()
    }

    func streamWillEnd() {}

    /// Sends one piece, and the next one in another turn of the loop.
    private func pass() {
        guard !queue.isEmpty else {
            if hasEnded { target.finishWriting() }
            return
        }
        let piece = Array(queue.prefix(max(1, min(script.pieceLength(), 65536))))
        guard let changed = isFromClient ? script.change(offset, piece) : piece else {
            return cut()
        }
        let outcome = changed.withUnsafeBytes { target.write($0) }
        guard case .bytes(let count, _) = outcome else { return }
        // A piece that did not fit is offered again, unchanged ones in part.
        let passed = changed == piece ? count : piece.count
        queue.removeFirst(passed)
        offset += passed
        source.loop.execute { [self] in pass() }
    }

    private func cut() {
        queue = []
        target.finishWriting()
    }
}
