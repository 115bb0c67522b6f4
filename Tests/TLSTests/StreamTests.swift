// Encrypted streams on real sockets.

import Buffers
import Crypto
import EventLoops
import HTTPTesting
import SeedTesting
import SystemCalls
import TLS
import Testing

@Suite(.timeLimit(.minutes(10))) struct StreamTests {
    let rig: StreamRig

    init() throws { rig = try StreamRig(clientAuthorities: TestPKI.authority) }

    @Test(arguments: [TLSVersions.tls12Only, .tls13Only])
    func `a stream carries bytes both ways and ends cleanly`(_ versions: TLSVersions) async throws {
        let (server, client) = try await rig.connect(TestContext.client(versions))
        await client.send("ping")
        #expect(await server.receive(4) == Array("ping".utf8))
        await server.send("pong")
        #expect(await client.receive(4) == Array("pong".utf8))
        await client.close()
        await server.wait { $0.ending != nil }
        #expect(await server.perform { $0.ending } == .end)
        #expect(rig.server.counts.handshakes == 1)
        #expect(rig.server.counts.truncated == 0)
        await server.close()
        #expect(rig.serverContext.sessionCount == 0)
    }

    @Test func `a connection that is cut is no clean end`() async throws {
        let relay = Relay.Script(change: { offset, piece in offset > 0 ? nil : piece })
        // The second flight of the client is cut off together with its request.
        let (server, _) = try await rig.connect(through: relay)
        await server.wait { $0.isBroken }
        #expect(rig.server.counts.handshakesFailed == 1)

        let (other, socket) = await rig.accept()
        let client = try await rig.upgrade(socket)
        await client.send("ping")
        _ = await other.receive(4)
        await client.perform { _ in socket.stream.finishWriting() }
        await other.wait { $0.ending != nil }
        #expect(await other.perform { $0.ending } == .failed)
        #expect(rig.server.counts.truncated == 1)
    }

    @Test func `much goes both ways at once, in segments of every size`() async throws {
        let (server, client) = try await rig.connect()
        var random = SeededGenerator(seed: 7)
        let segments = (0..<400).map { index in
            let count = index % 7 == 0 ? Int(random.next() % 70_000) : Int(random.next() % 900)
            return Bytes((0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        }
        let expected = segments.flatMap(\.array)
        await client.send(segments)
        await server.send(segments)
        #expect(await server.receive(expected.count) == expected)
        #expect(await client.receive(expected.count) == expected)
    }

    @Test func `a peer that does not read holds its writer up, and then gets everything`()
        async throws
    {
        let (server, client) = try await rig.connect()
        await client.wait { $0.isReady }
        await client.perform { $0.isPaused = true }
        let mebibyte = Bytes((0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })
        let segments = Array(repeating: mebibyte, count: 16)
        await server.send(segments)
        let isHeldUp = await server.perform { !$0.hasSentAll }
        #expect(isHeldUp)
        await client.perform { $0.isPaused = false }
        let received = await client.receive(16 << 20)
        #expect(received == segments.flatMap(\.array))
        await server.wait { $0.hasSentAll }
        #expect(await server.perform { $0.writableCount } > 1)
    }

    @Test func `a ticket of one loop is good on the other`() async throws {
        let context = try TestContext.client()
        let (server, client) = try await rig.connect(context)
        await server.send("x")
        _ = await client.receive(1)
        let ticket = try #require(await client.perform { $0.tls.ticket })
        let (_, second) = try await rig.connect(context, resuming: ticket, on: rig.group.loops[1])
        await second.wait { $0.isReady }
        #expect(await second.perform { $0.tls.isResumed })
        #expect(rig.server.counts.resumed == 1)
    }

    @Test func `a client's certificate is the stream's identity`() async throws {
        let cases: [(TLSCertificate?, String)] = [
            (nil, "anonymous"), (TestPKI.client, "jane system:masters,people"),
            (TestPKI.expired, "late refused: the certificate has expired"),
            (
                TestPKI.stranger,
                "mallory refused: the certificate is signed by an unknown authority"
            ),
        ]
        for (certificate, expected) in cases {
            let (server, _) = try await rig.connect(TestContext.client(certificate: certificate))
            await server.wait { $0.isReady }
            #expect(await server.perform { $0.stream.peerIdentity.summary } == expected)
        }
        #expect(rig.server.counts.certificatesRefused == 2)
    }

    @Test func `a client learns why it refused a server`() async throws {
        let context = try TestContext.client(authorities: TestPKI.otherAuthority)
        let (_, client) = try await rig.connect(context)
        await client.wait { $0.isBroken }
        let failure = await client.perform { $0.tls.failure?.description }
        #expect(failure == "certificate verify failed")
    }

    @Test func `plain HTTP is told that it is in the wrong place`() async throws {
        let (server, socket) = await rig.accept()
        await socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        await socket.wait { $0.ending != nil }
        let answer = await socket.receive(until: "\n\n")
        #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
        #expect(answer.contains("Content-Length: 48\r\n"))
        #expect(
            answer.hasSuffix("\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"))
        await socket.close()
        await server.wait { $0.isBroken }
        #expect(rig.server.counts.plainClients == 1)
        #expect(rig.server.counts.handshakesInProgress == 0)
    }
}

extension StreamRig {
    /// A client's end over a socket that the test also holds.
    func upgrade(_ socket: StreamEnd) async throws -> StreamEnd {
        let context = try TestContext.client()
        return await onLoop { [loop] in
            guard let socket = socket.stream as? StreamSocket,
                let stream = try? TLSClient(context, on: loop).stream(over: socket, to: "localhost")
            else { preconditionFailure("no memory") }
            // The report that it is writable went to the handler before.
            stream.deliverAgain(.writable)
            return StreamEnd(stream)
        }
    }
}

extension PeerIdentity {
    /// What a test compares.
    var summary: String {
        switch self {
        case .anonymous: "anonymous"
        case .certificate(let certificate):
            "\(certificate.commonName) \(certificate.organizations.joined(separator: ","))"
        case .refused(let certificate, let refusal): "\(certificate.commonName) refused: \(refusal)"
        }
    }
}
