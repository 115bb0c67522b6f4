// An HTTP server behind TLS.

import Buffers
import Crypto
import EventLoops
import HTTPServer
import HTTPTesting
import HTTPWire
import Synchronization
import SystemCalls
import TLS
import Testing

/// Answers with the body that came, with who asked, or with much.
private final class EchoHandler: RequestHandler {
    static let piece = Bytes((0..<60_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 2) })
    static let pieceCount = 100

    func handle(_ request: Request, _ exchange: Exchange) {
        switch String(request.head.path) {
        case "/who":
            let who = "\(request.listener.rawValue) \(request.peerIdentity.summary)"
            exchange.respond(Response(.ok, body: [Bytes(who)]))
        case "/much":
            let body = Array(repeating: Self.piece, count: Self.pieceCount)
            exchange.respond(Response(.ok, body: body))
        default: exchange.respond(Response(.ok, body: [request.body]))
        }
    }

    func respond(to error: RequestError) -> Response { Response(error.status) }
}

/// A server, and clients on a loop of their own.
private final class ServerRig: Sendable {
    let files: FileRig
    let tls: TLSServer
    let server: Server
    private let group: EventLoopGroup
    private let clients: EventLoopGroup
    private let address: SocketAddress
    private static var patient: TLS.Limits {
        var limits = TLS.Limits()
        limits.handshakeTimeMax = .seconds(600)
        return limits
    }

    init() throws {
        let files = try FileRig()
        self.files = files
        group = try EventLoopGroup(count: 2)
        clients = try EventLoopGroup(count: 1)
        // Connections may be silent for as long as other tests keep the machine busy.
        let tls = TLSServer(group: group, limits: Self.patient) { files.files.context() }
        self.tls = tls
        var limits = HTTPServer.Limits()
        limits.headTimeMax = .seconds(600)
        limits.idleTimeMax = .seconds(600)
        server = Server(group: group, handler: EchoHandler(), limits: limits)
        address = try server.listen(
            on: .loopback(port: 0), name: "secure", layer: { tls.stream(over: $0, from: $1) })
    }

    deinit {
        group.shutDown()
        clients.shutDown()
    }

    func connect(_ context: TLSContext, to name: String = "localhost") async throws -> StreamEnd {
        let (loop, address) = (clients.loops[0], address)
        return try await withCheckedThrowingContinuation { continuation in
            loop.execute {
                do {
                    let socket = try StreamSocket(Descriptor.connecting(to: address), on: loop)
                    let client = TLSClient(context, on: loop, limits: Self.patient)
                    let end = StreamEnd(try client.stream(over: socket, to: name))
                    continuation.resume(returning: end)
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }
}

@Suite(.timeLimit(.minutes(10))) struct HTTPSTests {
    private let rig: ServerRig

    init() throws { rig = try ServerRig() }

    private let who: Bytes = "GET /who HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func `a request says whose certificate came with it`() async throws {
        let anonymous = try await rig.connect(TestContext.client())
        await anonymous.send(who)
        #expect(await anonymous.receive(until: "anonymous").hasSuffix("\r\n\r\nsecure anonymous"))
        let jane = try await rig.connect(TestContext.client(certificate: TestPKI.client))
        await jane.send(who)
        #expect(
            await jane.receive(until: "people").hasSuffix("secure jane system:masters,people"))
        let late = try await rig.connect(TestContext.client(certificate: TestPKI.expired))
        await late.send(who)
        #expect(
            await late.receive(until: "expired")
                .hasSuffix("secure late refused: the certificate has expired"))
    }

    @Test func `a large body comes back as it was sent`() async throws {
        let client = try await rig.connect(TestContext.client())
        let body = Bytes((0..<3 << 20).map { UInt8(truncatingIfNeeded: $0 &* 13 >> 4) })
        await client.send([
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3145728\r\n\r\n", body,
        ])
        await client.wait { $0.received.count > body.count || $0.ending != nil }
        let received = await client.perform { $0.received }
        #expect(received.suffix(body.count).elementsEqual(body.array))
    }

    @Test func `a large answer comes whole, and the connection stays`() async throws {
        let client = try await rig.connect(TestContext.client())
        for _ in 0..<2 {
            await client.send("GET /much HTTP/1.1\r\nHost: a\r\n\r\n")
            let head = await head(of: client)
            #expect(head.hasSuffix("Content-Length: 6000000\r\n\r\n"))
            let body = await client.receive(EchoHandler.piece.count * EchoHandler.pieceCount)
            let expected = EchoHandler.piece.array
            let isWhole = stride(from: 0, to: body.count, by: expected.count).allSatisfy {
                body[$0..<min($0 + expected.count, body.count)].elementsEqual(expected)
            }
            #expect(body.count == 6_000_000 && isWhole)
        }
        #expect(rig.server.counters.connectionsAccepted == 1)
    }

    /// Takes the head and leaves what follows.
    private func head(of client: StreamEnd) async -> String {
        var head = ""
        while !head.hasSuffix("\r\n\r\n") {
            let byte = await client.receive(1)
            if byte.isEmpty { return head }
            head += String(decoding: byte, as: UTF8.self)
        }
        return head
    }

    @Test func `an answer that asks for the end is followed by a clean one`() async throws {
        let client = try await rig.connect(TestContext.client())
        await client.send("GET /who HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        await client.wait { $0.ending != nil }
        #expect(await client.perform { $0.ending } == .end)
    }

    @Test func `certificates change under traffic and no request fails`() async throws {
        let kept = try await rig.connect(TestContext.client())
        let context = try TestContext.client()
        var answered = 0
        for round in 0..<12 {
            let certificate = round % 2 == 0 ? TestPKI.second : TestPKI.server
            let name = round % 2 == 0 ? "second.example" : "localhost"
            rig.files.directory.write(certificate)
            rig.files.clock.advance(seconds: 1)
            let fresh = try await rig.connect(context, to: name)
            for client in [kept, fresh] {
                await client.send(who)
                let answer = await client.receive(until: "anonymous")
                if answer.hasSuffix("secure anonymous") { answered += 1 }
            }
            await fresh.close()
        }
        #expect(answered == 24)
        #expect(rig.files.reported == Array(repeating: "reloaded", count: 12))
    }
}
