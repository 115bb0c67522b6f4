// Connections that are passed on, byte by byte, to a server that is well.

import EventLoops
import HTTPClient
import HTTPWire
import Synchronization
import SystemCalls

/// Stands on a node's loopback address for clients that know one server. Each connection goes to a
/// server that is ready; encryption goes through untouched, and with it who the client is, by
/// certificate or token.
///
/// When a server dies, its connections end and their clients connect again, to another server: a
/// watch is then resumed at its revision, which all servers over one store know.
public final class RelayServer: Sendable {
    private let servers: [Endpoint]
    private let limits: Limits
    private let choice: Mutex<ServerChoice>
    private let parts: [RelayLoop]
    private let checks: [Client]

    /// - Parameter security: with which servers are asked whether they are ready. Without it, those
    ///   with https are only tried when a client connects.
    /// - Precondition: there is at least one server.
    public init(
        _ servers: [Endpoint], group: EventLoopGroup, security: Security? = nil,
        limits: Limits = Limits()
    ) {
        precondition(!servers.isEmpty, "no server")
        self.servers = servers
        self.limits = limits
        choice = Mutex(
            ServerChoice(count: servers.count, missedCountMax: limits.missedCheckCountMax))
        parts = group.loops.map { RelayLoop($0) }
        checks = servers.map { Client([$0], on: group.loops[0], security: security) }
        self.isChecked = servers.map { !$0.isSecure || security != nil }
    }

    private let isChecked: [Bool]

    /// Takes clients at `address`.
    /// - Returns: the address with the port that was bound.
    /// - Throws: `SystemError` when it cannot be bound.
    public func listen(on address: SocketAddress) throws(SystemError) -> SocketAddress {
        try Descriptor.checkIsFree(address)
        var bound = address
        for part in parts {
            let descriptor = try Descriptor.listener(on: bound)
            bound = try descriptor.localAddress()
            let listener = Listener(descriptor, on: part.loop) { [self] connection, _ in
                accept(connection, part)
            }
            part.loop.execute { listener.start() }
        }
        return bound
    }

    /// Asks the servers whether they are ready, until the task is cancelled.
    public func check() async {
        await withTaskGroup(of: Void.self) { group in
            for index in servers.indices where isChecked[index] {
                group.addTask { [self] in
                    while !Task.isCancelled {
                        await check(index)
                        try? await Task.sleep(for: limits.checkInterval)
                    }
                }
            }
        }
    }

    private func check(_ index: Int) async {
        var request = Request(.get, "/readyz")
        request.times.connect = limits.checkTimeMax
        request.times.whole = limits.checkTimeMax
        do {
            let response = try await checks[index].send(request)
            // A server that keeps this to itself is one that answers.
            let isReady = [200, 401, 403].contains(response.status.code)
            choice.withLock { $0.answered(index, isReady: isReady) }
        } catch {
            guard choice.withLock({ $0.missed(index) }) else { return }
            for part in parts { part.loop.execute { part.endPipes(to: index) } }
        }
    }

    // MARK: Connections

    private func accept(_ descriptor: consuming Descriptor, _ part: RelayLoop) {
        guard part.count < limits.connectionCountPerLoopMax,
            let client = try? StreamSocket(descriptor, on: part.loop)
        else { return }
        part.count += 1
        connect(client, choice.withLock { $0.order }, part)
    }

    private func connect(_ client: StreamSocket, _ candidates: [Int], _ part: RelayLoop) {
        guard let index = candidates.first else {
            client.close()
            part.count -= 1
            return
        }
        let dial = Dial(plainly: servers[index], on: part.loop, within: limits.connectTimeMax)
        dial.start { [self] outcome in
            switch outcome {
            case .success(let stream):
                choice.withLock { $0.connected(index) }
                part.join(client, stream, to: index)
            case .failure:
                choice.withLock { $0.refused(index) }
                connect(client, Array(candidates.dropFirst()), part)
            }
        }
    }
}

/// The pipes of one loop. Used on its loop only.
private final class RelayLoop: @unchecked Sendable {
    // Reason: used on its loop only.
    let loop: EventLoop
    var count = 0
    private var pipes: [ObjectIdentifier: Pipe] = [:]

    init(_ loop: EventLoop) { self.loop = loop }

    func join(_ client: any ByteStream, _ server: any ByteStream, to index: Int) {
        let pipe = Pipe(client, server, to: index) { [self] pipe in
            pipes[ObjectIdentifier(pipe)] = nil
            count -= 1
        }
        pipes[ObjectIdentifier(pipe)] = pipe
        pipe.start()
    }

    func endPipes(to index: Int) {
        for pipe in pipes.values where pipe.server == index { pipe.close() }
    }
}
