// A server's part on one loop: its connections, and what they share.

import Buffers
import EventLoops
import HTTPWire
import SystemCalls

/// Puts a layer, such as encryption, between a socket and its connection from a client. Called on
/// the loop.
public typealias StreamLayer = @Sendable (StreamSocket, SocketAddress) -> any ByteStream

/// A place where connections come in.
struct Port: Sendable {
    let name: ListenerName
    let layer: StreamLayer?
}

/// What a server has on one loop. Used on that loop only.
final class LoopServer: @unchecked Sendable {
    // Reason: used on its loop only, except for `counters`, which are atomic.
    let loop: EventLoop
    let handler: any RequestHandler
    let limits: Limits
    let timeLimits: TimeLimits
    let counters = LoopCounters()

    private var listeners: [Listener] = []
    private var connections: [Connection] = []
    private(set) var isDraining = false
    private var whenEmpty: (() -> Void)?

    private var output = ByteBuffer(reserving: Limits.copiedAnswerByteCountMax + 1024)
    private var dateSecond: Int64 = -1
    private var dateText = Bytes.empty
    private var requestID: UInt64
    private let requestIDStep: UInt64

    init(_ group: EventLoopGroup, index: Int, _ handler: any RequestHandler, _ limits: Limits) {
        loop = group.loops[index]
        self.handler = handler
        self.limits = limits
        timeLimits = TimeLimits(limits)
        requestID = UInt64(index)
        requestIDStep = UInt64(group.loops.count)
    }

    // MARK: Connections

    func start(_ listener: Listener) {
        guard !isDraining else { return listener.close() }
        listeners.append(listener)
        listener.start()
    }

    func accept(_ descriptor: consuming Descriptor, from peer: SocketAddress, _ port: Port) {
        // Dropping the descriptor closes the connection.
        let most = limits.connectionCountPerLoopMax
        guard connections.count < most + limits.shedCountPerLoopMax, !isDraining else { return }
        guard let socket = try? StreamSocket(descriptor, on: loop) else { return }
        let stream: any ByteStream = port.layer.map { $0(socket, peer) } ?? socket
        let connection = Connection(stream, from: peer, port, self)
        connection.isShed = connections.count >= most
        connection.place = connections.count
        connections.append(connection)
        counters.connectionOpened()
    }

    func remove(_ connection: Connection) {
        let last = connections.removeLast()
        if last !== connection {
            connections[connection.place] = last
            last.place = connection.place
        }
        counters.connectionClosed()
        reportIfEmpty()
    }

    // MARK: Drain

    /// Takes no more connections than those that the kernel has made, and on each no more than one
    /// request; calls `whenEmpty` once everything is closed, which it is after `limit` at the
    /// latest.
    func drain(within limit: Duration, whenEmpty: @escaping @Sendable () -> Void) {
        for listener in listeners {
            listener.takeWaiting()
            listener.close()
        }
        listeners = []
        isDraining = true
        for connection in connections { connection.drain() }
        self.whenEmpty = whenEmpty
        reportIfEmpty()
        loop.schedule(after: limit) { [self] in
            for connection in connections { connection.close() }
        }
    }

    private func reportIfEmpty() {
        guard connections.isEmpty, let whenEmpty else { return }
        self.whenEmpty = nil
        whenEmpty()
    }

    // MARK: What connections share

    func nextRequestID() -> UInt64 {
        requestID += requestIDStep
        return requestID
    }

    /// Lets `body` write a message into memory that all connections of the loop share. It must be
    /// sent or copied before `body` returns, and `body` must not call back into a handler.
    func withOutput(_ body: (inout ByteBuffer) -> Void) {
        output.truncate(to: 0)
        body(&output)
    }

    /// The present date as HTTP writes it.
    func date() -> Bytes {
        let second = wallClockSeconds()
        if second != dateSecond {
            var buffer = ByteBuffer(reserving: 32)
            HTTPDate.append(seconds: second, to: &buffer)
            dateText = buffer.freeze()
            dateSecond = second
        }
        return dateText
    }
}
