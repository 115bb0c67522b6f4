// Peers that break the protocol, change bytes on the way, or just sit there.

import Buffers
import Crypto
import EventLoops
import SeedTesting
import Synchronization
import SystemCalls
import TLS
import Testing

@Suite(.timeLimit(.minutes(10))) struct HostileTests {
    let rig: StreamRig

    init() throws { rig = try StreamRig() }

    /// The alert in the clear that comes in answer to `bytes`: its number.
    private func alert(for bytes: [UInt8]) async -> UInt8? {
        let (server, socket) = await rig.accept()
        await socket.send(Bytes(bytes))
        await server.wait { $0.isBroken }
        await socket.wait { $0.ending != nil || $0.isBroken }
        let answer = await socket.perform { $0.received }
        await socket.close()
        // RFC 8446, 6: content type alert, version, length 2, level fatal.
        guard answer.count == 7, answer[0] == 21, answer[5] == 2 else { return nil }
        return answer[6]
    }

    @Test func `garbage is answered with an alert and freed`() async {
        // A record longer than any may be: record_overflow, or a refused length.
        #expect(await alert(for: [22, 3, 1, 0xFF, 0xFF] + Array(repeating: 0, count: 64)) == 22)
        // A handshake message of 16 MiB: illegal_parameter.
        #expect(await alert(for: [22, 3, 1, 0, 8, 1, 0xFF, 0xFF, 0xFF, 3, 3, 0, 0]) == 47)
        // Data before the handshake: unexpected_message.
        #expect(await alert(for: [23, 3, 3, 0, 3, 1, 2, 3]) == 10)
        // A version that there never was: whoever speaks it reads no alerts.
        #expect(await alert(for: [22, 9, 9, 0, 3, 1, 2, 3]) == nil)
        #expect(
            rig.troubles.take() == [
                "the TLS handshake failed: packet length too long",
                "the TLS handshake failed: excessive message size",
                "the TLS handshake failed: unexpected message",
                "the TLS handshake failed: wrong version number",
            ])
        #expect(rig.server.counts.handshakesFailed == 4)
        #expect(rig.server.counts.handshakesInProgress == 0)
        #expect(rig.serverContext.sessionCount == 0)
    }

    @Test func `random bytes never open a stream`() async {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let (server, socket) = await rig.accept()
            // Every other one begins as a handshake does.
            var bytes = (0..<Int(1 + random.next() % 600)).map { _ in
                UInt8(truncatingIfNeeded: random.next())
            }
            if random.next() % 2 == 0 { bytes = [22, 3, 1, 0, UInt8(bytes.count % 200)] + bytes }
            await socket.send(Bytes(bytes))
            await socket.perform { $0.stream.finishWriting() }
            await server.wait { $0.isBroken || $0.isReady }
            #expect(await server.perform { $0.isBroken }, "seed \(seed)")
            await socket.close()
        }
        #expect(rig.server.counts.handshakes == 0)
        #expect(rig.serverContext.sessionCount == 0, "seed \(seed)")
        #expect(rig.server.counts.handshakesInProgress == 0)
    }

    @Test(arguments: [TLSVersions.tls12Only, .tls13Only])
    func `a changed bit is noticed`(_ versions: TLSVersions) async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for round in 1...20 {
            let isArmed = Flag()
            let bit = random.next()
            let script = Relay.Script(change: { _, piece in
                guard isArmed.isSet else { return piece }
                var changed = piece
                // Behind the header: a changed length only makes the server wait for more.
                let index = 5 + Int(bit >> 3 % UInt64(piece.count - 5))
                changed[index] ^= 1 << UInt8(bit & 7)
                return changed
            })
            let (server, client) = try await rig.connect(
                TestContext.client(versions), through: script)
            await client.send("before")
            #expect(await server.receive(6) == Array("before".utf8))
            isArmed.set()
            await client.send(Bytes([UInt8](repeating: 9, count: 1000)))
            await server.wait { $0.ending != nil }
            #expect(await server.perform { $0.ending } == .failed, "seed \(seed)")
            #expect(await server.perform { $0.received.isEmpty })
            #expect(rig.server.counts.recordsRefused == round)
            let troubles = rig.troubles.take()
            #expect(troubles.count == 1)
            #expect(troubles.first?.hasPrefix("a TLS record was refused: ") == true)
            #expect(troubles.first?.hasSuffix("decryption failed or bad record mac") == true)
            await client.wait { $0.ending != nil }
            let failure = await client.perform { $0.tls.failure?.description ?? "" }
            #expect(failure.contains("bad record mac"), "seed \(seed): \(failure)")
            await server.close()
        }
        #expect(rig.serverContext.sessionCount == 0)
    }

    @Test(arguments: [TLSVersions.tls12Only, .tls13Only])
    func `a record that is cut short is no end`(_ versions: TLSVersions) async throws {
        let isArmed = Flag()
        // The header promises more than comes before the connection ends.
        let script = Relay.Script(change: { _, piece in
            guard isArmed.isSet else { return piece }
            return piece.count > 100 ? Array(piece[..<100]) : nil
        })
        let (server, client) = try await rig.connect(TestContext.client(versions), through: script)
        await client.send("before")
        #expect(await server.receive(6) == Array("before".utf8))
        isArmed.set()
        await client.send(Bytes([UInt8](repeating: 9, count: 1000)))
        await client.close()
        await server.wait { $0.ending != nil }
        #expect(await server.perform { $0.ending } == .failed)
        #expect(await server.perform { $0.received.isEmpty })
        #expect(rig.troubles.take() == ["the connection ended in the middle of a TLS record"])
        #expect(rig.server.counts.truncated == 1)
        await server.close()
        #expect(rig.serverContext.sessionCount == 0)
    }

    @Test func `a client that goes away is told of only when it had begun`() async {
        let (silent, silentSocket) = await rig.accept()
        await silentSocket.close()
        await silent.wait { $0.isBroken }
        #expect(rig.troubles.take() == [])
        let (server, socket) = await rig.accept()
        await socket.send(Bytes([22, 3, 1, 1, 0, 1]))
        while rig.serverContext.sessionCount == 0 { await Task.yield() }
        await socket.close()
        await server.wait { $0.isBroken }
        #expect(
            rig.troubles.take() == ["the client went away in the middle of its TLS handshake"])
        #expect(rig.serverContext.sessionCount == 0)
    }

    @Test func `a client that does not finish its handshake is cut off`() async {
        let (silent, silentSocket) = await rig.accept()
        let (slow, slowSocket) = await rig.accept()
        await slowSocket.send(Bytes([22, 3, 1, 1, 0, 1]))
        while rig.serverContext.sessionCount == 0 { await Task.yield() }
        await rig.advance(seconds: 9)
        #expect(rig.server.counts.handshakesInProgress == 2)
        await rig.advance(seconds: 2)
        for end in [silent, slow] { await end.wait { $0.isBroken } }
        for socket in [silentSocket, slowSocket] { await socket.wait { $0.ending != nil } }
        #expect(rig.server.counts.handshakesTimedOut == 2)
        #expect(
            rig.troubles.take() == Array(repeating: "the TLS handshake took too long", count: 2))
        #expect(rig.server.counts.handshakesInProgress == 0)
        #expect(rig.serverContext.sessionCount == 0)
    }

    @Test func `a stream that is open is not cut off`() async throws {
        let (server, client) = try await rig.connect()
        await server.wait { $0.isReady }
        await rig.advance(seconds: 100)
        await client.send("ping")
        #expect(await server.receive(4) == Array("ping".utf8))
    }

    @Test func `handshakes beyond the limit wait for their turn`() async throws {
        var limits = Limits()
        limits.handshakesAtOnceMax = 2
        let rig = try StreamRig(limits: limits)
        var stuck: [StreamEnd] = []
        for _ in 0..<2 {
            let (_, socket) = await rig.accept()
            await socket.send(Bytes([22, 3, 1, 1, 0, 1]))
            stuck.append(socket)
        }
        while rig.serverContext.sessionCount < 2 { await Task.yield() }
        let (server, client) = try await rig.connect()
        await client.send("ping")
        // Two turns of the loop: it would be under way.
        for _ in 0..<2 { _ = await rig.onLoop {} }
        #expect(rig.serverContext.sessionCount == 2)
        await stuck[0].close()
        #expect(await server.receive(4) == Array("ping".utf8))
        withExtendedLifetime(stuck) {}
    }
}

/// A flag between threads.
private final class Flag: Sendable {
    private let flag = Atomic<Bool>(false)
    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
}

@Suite(.timeLimit(.minutes(10))) struct FragmentationTests {
    @Test(arguments: [TLSVersions.tls12Only, .tls13Only])
    func `bytes arrive whole however the network cuts them`(_ versions: TLSVersions) async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let rig = try StreamRig()
        for round in 0..<12 {
            let random = Mutex(SeededGenerator(seed: seed &+ UInt64(round)))
            let longest: UInt64 = [1, 7, 300, 5000][round % 4]
            let script = Relay.Script(
                pieceLength: { Int(1 + random.withLock { $0.next() } % longest) })
            let (server, client) = try await rig.connect(
                TestContext.client(versions), through: script)
            let count = longest < 10 ? 3000 : 100_000
            let data = random.withLock { random in
                Bytes((0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) })
            }
            await client.send([data[0..<count / 3], data[count / 3..<count]])
            #expect(await server.receive(count) == data.array, "seed \(seed), round \(round)")
            await server.send(data)
            #expect(await client.receive(count) == data.array, "seed \(seed), round \(round)")
            await client.close()
            await server.wait { $0.ending != nil }
            #expect(await server.perform { $0.ending } == .end, "seed \(seed), round \(round)")
        }
    }
}
