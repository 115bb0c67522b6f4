// A listening socket on a loop.

import SystemCalls

/// Takes connections from a listening socket.
public final class Listener: Registered, @unchecked Sendable {
    // Reason: used on its loop only, once it is made.
    public typealias Accept = @Sendable (consuming Descriptor, SocketAddress) -> Void

    public let loop: EventLoop
    private let accept: Accept
    private var descriptor: Descriptor?
    private let rawDescriptor: CInt
    private var token: UInt64?

    /// A listener that does not take anything yet. May be made anywhere.
    /// - Parameter accept: called on the loop with each connection and the address of its peer.
    /// - Precondition: the socket listens and does not block.
    public init(
        _ descriptor: consuming Descriptor, on loop: EventLoop, accept: @escaping Accept
    ) {
        self.loop = loop
        self.accept = accept
        rawDescriptor = descriptor.rawValue
        self.descriptor = consume descriptor
    }

    /// Starts to take connections, as soon as there is memory for it.
    /// - Precondition: called on the loop.
    public func start() {
        loop.assertOnLoop()
        guard descriptor != nil, token == nil else { return }
        do {
            token = try loop.register(rawDescriptor, self)
        } catch {
            startLater()
        }
    }

    /// Takes the connections that the kernel has already made with clients, and that `close` would
    /// break.
    /// - Precondition: called on the loop.
    public func takeWaiting() {
        loop.assertOnLoop()
        for _ in 0..<Limits.waitingCountMax {
            guard descriptor != nil, case .accepted(let connection, let peer) = descriptor!.accept()
            else { return }
            accept(connection, peer)
        }
    }

    /// Connections that wait to be accepted are refused by the kernel.
    /// - Precondition: called on the loop.
    public func close() {
        loop.assertOnLoop()
        rest()
        descriptor = nil
    }

    var isListener: Bool { true }

    func becameReady(_ readiness: Readiness) {
        for _ in 0..<Limits.acceptsPerRoundMax {
            guard descriptor != nil else { return }
            switch descriptor!.accept() {
            case .accepted(let connection, let peer): accept(connection, peer)
            case .wouldBlock: return
            case .failed(let error): return pause(after: error)
            }
        }
    }

    func loopShutsDown() { close() }

    /// A connection that is lost before it is accepted is nothing to us. Without descriptors or
    /// memory, the listener would report itself readable again and again, so it rests a while.
    private func pause(after error: SystemError) {
        guard error.isLackOfResources else { return }
        rest()
        startLater()
    }

    private func rest() {
        guard descriptor != nil, let token else { return }
        loop.unregister(rawDescriptor, token: token)
        self.token = nil
    }

    private func startLater() {
        loop.schedule(after: Limits.acceptPause) { [weak self] in self?.start() }
    }
}
