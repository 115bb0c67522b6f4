// Time limits and the drain, on a clock that is moved by hand.

import Buffers
import EventLoops
import HTTPServer
import HTTPTesting
import HTTPWire
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct TimeTests {
    let rig: Rig
    let client: Client

    init() throws {
        rig = try Rig()
        client = try rig.connect()
    }

    /// Sends a request and then `partial`, and returns when the server has seen both.
    private func sendAndSettle(_ partial: String) async {
        await client.send(get("/a") + partial)
        _ = await client.receiveAnswer()
        await rig.onLoop {}
    }

    @Test func `an idle connection is closed after 90 s`() async {
        await sendAndSettle("")
        await rig.advance(seconds: 89)
        #expect(rig.server.counters.connectionsOpen == 1)
        await rig.advance(seconds: 1)
        #expect(rig.server.counters.connectionsOpen == 0)
        #expect(await client.receiveAll() == "")
    }

    @Test func `a request keeps a connection for another 90 s`() async {
        await sendAndSettle("")
        await rig.advance(seconds: 80)
        await sendAndSettle("")
        await rig.advance(seconds: 80)
        #expect(rig.server.counters.connectionsOpen == 1)
        await rig.advance(seconds: 10)
        #expect(rig.server.counters.connectionsOpen == 0)
    }

    @Test func `a head that is not complete in 10 s is refused`() async {
        await sendAndSettle("GET / HT")
        await rig.advance(seconds: 9)
        #expect(rig.server.counters.requestsRefused == 0)
        await rig.advance(seconds: 1)
        await client.finishSending()
        let answer = await client.receiveAll()
        #expect(answer.hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        #expect(answer.contains("Connection: close\r\n"))
    }

    @Test func `a body that stalls for 10 s is refused`() async {
        await sendAndSettle("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nx")
        await rig.advance(seconds: 9)
        #expect(rig.server.counters.requestsRefused == 0)
        await rig.advance(seconds: 1)
        await client.finishSending()
        #expect(await client.receiveAll().hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
    }

    @Test func `a handler and a stream may take their time`() async {
        await sendAndSettle(get("/watch"))
        await rig.advance(seconds: 100_000)
        let stream = rig.handler.asked.withLock { $0.streams[0] }
        #expect(await rig.onLoop { stream.write(ChunkFraming.frame("x")) } == .ready)
    }

    @Test func `a stream whose client takes nothing stays, and little waits for it`() async throws {
        let lazy = try Client(rig.address, roomByteCount: 4096)
        await lazy.send(get("/watch"))
        await rig.wait { [rig] in rig.handler.asked.withLock { !$0.streams.isEmpty } }
        let stream = rig.handler.asked.withLock { $0.streams[0] }
        let frame = ChunkFraming.frame(Bytes([UInt8](repeating: 120, count: 10_000)))
        let count = await rig.onLoop {
            var count = 1
            while count < 1_000, stream.write(frame) == .ready { count += 1 }
            return count
        }
        // The listener's sockets keep 128 KiB that nobody takes; the rest is the client's room.
        #expect(rig.server.counters.bytesSent < 400_000, "\(count) frames")
        for _ in 0..<100 { await rig.advance(seconds: 61) }
        #expect(rig.server.counters.connectionsOpen == 1)
        await lazy.makeRoom()
        _ = await lazy.receive(until: "\r\n\r\n")
        #expect(await lazy.receive(byteCount: frame.count * count) == frame.count * count)
        await rig.wait { [rig] in rig.handler.asked.withLock { $0.writableCount == 1 } }
        #expect(await rig.onLoop { stream.write(ChunkFraming.frame("on")) } == .ready)
        #expect(await lazy.receive(until: "on\r\n") == "2\r\non\r\n")
        // Once the stream has ended, the rest is an answer like others.
        await rig.onLoop {
            while stream.write(frame) == .ready {}
            stream.end()
        }
        await rig.advance(seconds: 61)
        #expect(rig.server.counters.connectionsOpen == 0)
    }

    @Test func `a client that takes nothing of its answer is given up`() async {
        await client.send(get("/large"))
        await client.waitForInput()
        await rig.wait { [rig] in rig.server.counters.requestsReceived == 1 }
        await rig.advance(seconds: 61)
        #expect(rig.server.counters.connectionsOpen == 0)
    }

    @Test func `a refused client that does not close is closed after 2 s`() async {
        await client.send("NONSENSE\r\n\r\n")
        await client.waitForInput()
        await rig.wait { [rig] in rig.server.counters.requestsRefused == 1 }
        #expect(rig.server.counters.connectionsOpen == 1)
        await rig.advance(seconds: 2)
        #expect(rig.server.counters.connectionsOpen == 0)
    }

    @Test func `draining closes an idle connection after a second and takes no more`() async {
        await sendAndSettle("")
        let drained = await rig.beginDrain()
        #expect(rig.server.counters.connectionsOpen == 1)
        await rig.advance(seconds: 1)
        await drained.value
        #expect(await client.receiveAll() == "")
        let late = try? rig.connect()
        await late?.send(get("/a"))
        #expect(await late?.receiveAll() ?? "" == "")
    }

    @Test func `draining answers once more who has just connected, and who is idle`() async throws {
        await sendAndSettle("")
        // The server may not have taken this one from the kernel yet.
        let fresh = try rig.connect()
        let drained = await rig.beginDrain()
        for each in [fresh, client] {
            await each.send(get("/a"))
            let answer = await each.receiveAll()
            #expect(answer.hasPrefix("HTTP/1.1 200 OK"))
            #expect(answer.contains("Connection: close\r\n"))
        }
        await drained.value
    }

    @Test func `draining completes the answer in progress and says that it is the last`() async {
        await sendAndSettle(get("/later"))
        let drained = await rig.beginDrain()
        await rig.onLoop { [rig] in
            rig.handler.asked.withLock { $0.exchanges[0] }.respond(Response(.ok, body: ["late"]))
        }
        let answer = await client.receiveAll()
        #expect(answer.hasSuffix("late"))
        #expect(answer.contains("Connection: close\r\n"))
        await drained.value
    }

    @Test func `draining ends when its time is over`() async {
        await sendAndSettle(get("/watch"))
        let drained = await rig.beginDrain()
        await rig.advance(seconds: 10)
        await drained.value
        #expect(rig.server.counters.connectionsOpen == 0)
        await rig.wait { [rig] in rig.handler.asked.withLock { $0.closedCount == 1 } }
    }
}
