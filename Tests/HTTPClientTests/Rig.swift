// A client, and servers that do what a test tells them.

import Buffers
import Crypto
import EventLoops
import HTTPClient
import HTTPTesting
import Synchronization
import SystemCalls

/// A server that answers each request with what its script says, as HTTP or not.
final class ScriptedServer: Sendable {
    enum Step: Sendable {
        case send(Bytes)
        /// Ends the connection in order.
        case close
        /// Sends this again and again, as long as it is taken.
        case sendForEver(Bytes)
    }

    /// - Parameters:
    ///   - connection: the first one is 0.
    ///   - request: all of it, head and what came of the body.
    typealias Script = @Sendable (_ connection: Int, _ request: String) -> [Step]

    struct Seen: Sendable {
        var connectionCount = 0
        var openCount = 0
        var requests: [String] = []
        /// Bytes that `sendForEver` has sent.
        var sentByteCount = 0
    }

    let address: SocketAddress
    let seen = Mutex(Seen())
    private let listener: Listener

    init(on loop: EventLoop, _ script: @escaping Script) throws {
        let descriptor = try Descriptor.listener(on: .loopback(port: 0))
        address = try descriptor.localAddress()
        let shared = Shared()
        listener = Listener(descriptor, on: loop) { connection, _ in
            shared.accept(connection, on: loop, script)
        }
        shared.server.withLock { $0 = self }
        let listener = listener
        loop.execute { listener.start() }
    }

    /// Connections that wait are refused from now on.
    func stopListening() {
        let listener = listener
        listener.loop.execute { listener.close() }
    }

    var endpoint: Endpoint { Endpoint(isSecure: false, address) }

    private final class Shared: Sendable {
        let server = Mutex<ScriptedServer?>(nil)

        func accept(
            _ descriptor: consuming Descriptor, on loop: EventLoop, _ script: @escaping Script
        ) {
            guard let server = server.withLock({ $0 }),
                let socket = try? StreamSocket(descriptor, on: loop)
            else { return }
            let index = server.seen.withLock { seen in
                seen.openCount += 1
                defer { seen.connectionCount += 1 }
                return seen.connectionCount
            }
            socket.handler = ScriptedConnection(socket, index, server, script)
        }
    }
}

/// One connection of a scripted server. Used on its loop only.
private final class ScriptedConnection: ByteStreamHandler, @unchecked Sendable {
    // Reason: used on its loop only.
    private let socket: StreamSocket
    private let index: Int
    private let server: ScriptedServer
    private let script: ScriptedServer.Script
    private var received: [UInt8] = []
    /// The length of the request, once its head has come.
    private var wanted: Int?
    private var unsent: [Bytes] = []
    private var repeated: Bytes?
    private var closesWhenSent = false

    init(
        _ socket: StreamSocket, _ index: Int, _ server: ScriptedServer,
        _ script: @escaping ScriptedServer.Script
    ) {
        self.socket = socket
        self.index = index
        self.server = server
        self.script = script
    }

    func streamBecameReady(_ readiness: Readiness) {
        while true {
            switch socket.read(into: socket.loop.scratch) {
            case .bytes(let count, _): received += socket.loop.scratch[..<count]
            case .wouldBlock:
                answer()
                return send()
            case .end, .failed: return close()
            }
        }
    }

    func streamWillEnd() {}

    private func answer() {
        if wanted == nil, let end = received.firstRange(of: Array("\r\n\r\n".utf8)) {
            let head = String(decoding: received[..<end.lowerBound], as: UTF8.self).lowercased()
            let length = head.split(separator: "\r\n").first { $0.hasPrefix("content-length: ") }
            wanted = end.upperBound + (length.flatMap { Int($0.dropFirst(16)) } ?? 0)
        }
        guard let wanted, received.count >= wanted else { return }
        let text = String(decoding: received, as: UTF8.self)
        received = []
        self.wanted = nil
        server.seen.withLock { $0.requests.append(text) }
        for step in script(index, text) {
            switch step {
            case .send(let bytes): unsent.append(bytes)
            case .close: closesWhenSent = true
            case .sendForEver(let bytes): repeated = bytes
            }
        }
    }

    private func send() {
        while true {
            if unsent.isEmpty, let repeated { unsent = [repeated] }
            guard let first = unsent.first else { break }
            guard case .bytes(let count, _) = first.withUnsafeBytes({ socket.write($0) }) else {
                return close()
            }
            if repeated != nil { server.seen.withLock { $0.sentByteCount += count } }
            if count < first.count {
                unsent[0] = first.dropFirst(count)
                return
            }
            unsent.removeFirst()
        }
        if closesWhenSent { close() }
    }

    private func close() {
        guard socket.isOpen else { return }
        socket.close()
        server.seen.withLock { $0.openCount -= 1 }
    }
}

/// A loop with a clock that is moved by hand, and what runs on it.
final class Rig: LoopRig {
    let clock = ManualClock()
    let group: EventLoopGroup

    var loop: EventLoop { group.loops[0] }

    init() throws { group = try EventLoopGroup(count: 1, clock: clock) }

    deinit { group.shutDown() }

    func server(_ script: @escaping ScriptedServer.Script) throws -> ScriptedServer {
        try ScriptedServer(on: loop, script)
    }

    /// A server that answers everything with `text`.
    func server(answering text: String) throws -> ScriptedServer {
        try server { _, _ in [.send(Bytes(text))] }
    }

    /// A port at which nobody listens, of an address that no other test uses: at 127.0.0.1 it might
    /// be given to the next server at once.
    func deadEndpoint() throws -> Endpoint {
        let descriptor = try Descriptor.listener(on: SocketAddress("127.0.0.77:0")!)
        return Endpoint(isSecure: false, try descriptor.localAddress())
    }

    func client(_ endpoints: Endpoint..., limits: Limits = Limits()) -> HTTPClient.Client {
        HTTPClient.Client(endpoints, on: loop, limits: limits)
    }
}

/// An answer with a length.
func answer(_ body: String, status: String = "200 OK", more: String = "") -> String {
    "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(more)\r\n\(body)"
}

extension HTTPClient.Client {
    /// Why `request` failed; nil when it did not.
    func failure(of request: HTTPClient.Request) async -> CallFailure? {
        do {
            _ = try await send(request)
            return nil
        } catch {
            return error
        }
    }
}
