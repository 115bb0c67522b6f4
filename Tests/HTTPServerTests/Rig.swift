// A server on one loop with a clock that is moved by hand.

import Buffers
import EventLoops
import HTTPTesting
import HTTPWire
import Synchronization
import SystemCalls

@testable import HTTPServer

/// Answers by path. What it was asked stays readable.
final class TestHandler: RequestHandler {
    struct Asked: Sendable {
        var requests: [Request] = []
        var exchanges: [Exchange] = []
        var streams: [ResponseStream] = []
        var closedCount = 0
        var writableCount = 0
    }

    let asked = Mutex(Asked())
    static let mebibyte = Bytes([UInt8](repeating: 120, count: 1 << 20))

    func handle(_ request: Request, _ exchange: Exchange) {
        asked.withLock { $0.requests.append(request) }
        switch String(request.head.path) {
        case "/later":
            asked.withLock { $0.exchanges.append(exchange) }
        case "/poll":
            exchange.onClose = { [self] in asked.withLock { $0.closedCount += 1 } }
            asked.withLock { $0.exchanges.append(exchange) }
        case "/watch":
            watch(exchange)
        case "/large":
            // 1 GiB that is 1 MiB of memory.
            exchange.respond(Response(.ok, body: Array(repeating: Self.mebibyte, count: 1024)))
        case "/mebibyte":
            exchange.respond(Response(.ok, body: [Self.mebibyte]))
        case "/none":
            exchange.respond(Response(.noContent, body: ["dropped"]))
        default:
            let text = "\(request.head.methodName) \(request.head.path) \(request.body)"
            exchange.respond(Response(.ok, body: [Bytes(text)]))
        }
    }

    func wantsBody(of request: Request) -> Bool { request.head.path != "/refused" }

    private func watch(_ exchange: Exchange) {
        let stream = exchange.beginStream(ResponseHead(.ok))
        stream.onClose = { [self] in asked.withLock { $0.closedCount += 1 } }
        stream.onWritable = { [self] in asked.withLock { $0.writableCount += 1 } }
        asked.withLock { $0.streams.append(stream) }
    }

    func respond(to error: RequestError) -> Response {
        Response(error.status, body: [Bytes(error.message)])
    }
}

/// A server on one loop with a clock that is moved by hand.
final class Rig: LoopRig {
    let clock = ManualClock()
    let handler = TestHandler()
    let group: EventLoopGroup
    let server: Server
    let address: SocketAddress

    var loop: EventLoop { group.loops[0] }

    init(limits: Limits = Limits()) throws {
        group = try EventLoopGroup(count: 1, clock: clock)
        server = Server(group: group, handler: handler, limits: limits)
        address = try server.listen(on: .loopback(port: 0), name: "test")
    }

    deinit { group.shutDown() }

    func connect() throws -> Client { try Client(address) }

    /// Begins to drain within 10 s, and returns who waits for the end.
    func beginDrain() async -> Task<Void, Never> {
        let drained = Task { [server] in await server.drain(within: .seconds(10)) }
        await wait { [server] in server.parts[0].isDraining }
        return drained
    }
}

/// A request line and what HTTP/1.1 needs with it.
func get(_ path: String, _ more: String = "") -> String {
    "GET \(path) HTTP/1.1\r\nHost: a\r\n\(more)\r\n"
}
