// An HTTP/1.1 server on a group of loops.

import EventLoops
import SystemCalls

/// An HTTP/1.1 server on a group of loops (RFC 9110, RFC 9112).
public final class Server: Sendable {
    let parts: [LoopServer]

    public init(
        group: EventLoopGroup, handler: any RequestHandler, limits: Limits = Limits()
    ) {
        parts = group.loops.indices.map { LoopServer(group, index: $0, handler, limits) }
    }

    /// Takes connections at `address`, with one listening socket for each loop.
    /// - Parameters:
    ///   - name: is handed over with each request.
    ///   - layer: what stands between a socket and its connection, such as encryption.
    /// - Returns: the address with the port that was bound, also when port 0 asked for any.
    /// - Throws: `SystemError` when the address cannot be bound, or somebody listens there already.
    @discardableResult
    public func listen(
        on address: SocketAddress, name: ListenerName, layer: StreamLayer? = nil
    ) throws(SystemError) -> SocketAddress {
        // The kernel would share a port with another server of the same user; nobody wants that.
        try Descriptor.checkIsFree(address)
        let port = Port(name: name, layer: layer)
        var bound = address
        var listeners: [Listener] = []
        for part in parts {
            let descriptor = try Descriptor.listener(on: bound)
            bound = try descriptor.localAddress()
            listeners.append(
                Listener(descriptor, on: part.loop) { connection, peer in
                    part.accept(connection, from: peer, port)
                })
        }
        for (part, listener) in zip(parts, listeners) {
            part.loop.execute { part.start(listener) }
        }
        return bound
    }

    /// Stops to take connections, and completes the answers in progress. On idle connections one
    /// more request is answered when it comes within `Limits.lastRequestTimeMax`. Streams must be
    /// ended by who began them. What is still open after `limit` is closed.
    public func drain(within limit: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            for part in parts {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        part.loop.execute {
                            part.drain(within: limit) { continuation.resume() }
                        }
                    }
                }
            }
        }
    }

    /// What the server has done up to now.
    public var counters: ServerCounters {
        var sum = ServerCounters()
        for part in parts { part.counters.add(to: &sum) }
        return sum
    }
}
