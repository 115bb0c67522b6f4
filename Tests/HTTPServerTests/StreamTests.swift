// Answers without an end, and clients that do not keep up.

import Buffers
import EventLoops
import Glibc
import HTTPServer
import HTTPTesting
import HTTPWire
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct StreamTests {
    let rig: Rig
    let client: Client

    init() throws {
        rig = try Rig()
        client = try rig.connect()
    }

    private func beginWatch(_ request: String = get("/watch")) async -> ResponseStream {
        await client.send(request)
        await rig.wait { [rig] in rig.handler.asked.withLock { !$0.streams.isEmpty } }
        return rig.handler.asked.withLock { $0.streams[0] }
    }

    @Test func `frames are sent as they are and the connection stays after the end`() async {
        let stream = await beginWatch()
        let head = await client.receive(until: "\r\n\r\n")
        #expect(head.contains("Transfer-Encoding: chunked\r\n"))
        let state = await rig.onLoop {
            (stream.write(ChunkFraming.frame("one")), stream.write([ChunkFraming.frame("two")]))
        }
        #expect(state == (.ready, .ready))
        #expect(await client.receive(until: "two\r\n") == "3\r\none\r\n3\r\ntwo\r\n")
        await rig.onLoop { stream.end() }
        #expect(await client.receive(until: "\r\n\r\n") == "0\r\n\r\n")
        await client.send(get("/b"))
        #expect(await client.receiveAnswer().hasSuffix("GET /b "))
        #expect(await rig.onLoop { stream.write("3\r\nabc\r\n") } == .closed)
    }

    @Test func `HTTP slash 1 0 gets the bytes without chunks until the end`() async {
        let stream = await beginWatch("GET /watch HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        await rig.onLoop {
            _ = stream.write(ChunkFraming.frame("one"))
            _ = stream.write([ChunkFraming.frame("two"), ChunkFraming.frame("three")])
            stream.end()
        }
        let answer = await client.receiveAll()
        #expect(answer.hasSuffix("Connection: close\r\n\r\nonetwothree"))
        #expect(!answer.contains("chunked"))
    }

    @Test func `a stream learns that its client has gone`() async {
        _ = await beginWatch()
        await client.close()
        await rig.wait { [rig] in rig.handler.asked.withLock { $0.closedCount == 1 } }
        #expect(rig.server.counters.connectionsOpen == 0)
        #expect(rig.server.counters.requestsInFlight == 0)
    }

    @Test func `a stream learns that its client is done sending`() async {
        _ = await beginWatch()
        await client.finishSending()
        await rig.wait { [rig] in rig.handler.asked.withLock { $0.closedCount == 1 } }
    }

    @Test func `a slow reader gets everything, and no copy is kept for it`() async {
        let before = residentByteCount()
        await client.send(get("/large"))
        await client.waitForInput()
        await rig.onLoop {}
        // Other tests take memory meanwhile; a copy would take 1 GiB.
        #expect(residentByteCount() - before < 512 << 20)
        #expect(rig.server.counters.bytesSent < 64 << 20)
        let head = await client.receive(until: "\r\n\r\n")
        #expect(head.contains("Content-Length: 1073741824\r\n"))
        #expect(await client.receive(byteCount: 1 << 30) == 1 << 30)
    }

    @Test func `a client that does not read is not read from`() async {
        let count = 100
        await client.send(String(repeating: get("/mebibyte"), count: count))
        await client.waitForInput()
        await rig.onLoop {}
        #expect(rig.server.counters.requestsReceived < count / 2)
        for _ in 0..<count {
            #expect(await client.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200"))
            #expect(await client.receive(exactly: 1 << 20) == 1 << 20)
        }
    }

    @Test func `a stream that is full says so, and when it is not any more`() async {
        let stream = await beginWatch()
        let frame = ChunkFraming.frame(TestHandler.mebibyte)
        let count = await rig.onLoop {
            var count = 1
            while count < 1000, stream.write(frame) == .ready { count += 1 }
            return count
        }
        #expect(count < 1000)
        _ = await client.receive(until: "\r\n\r\n")
        #expect(await client.receive(byteCount: frame.count * count) == frame.count * count)
        await rig.wait { [rig] in rig.handler.asked.withLock { $0.writableCount == 1 } }
        #expect(await rig.onLoop { stream.write(ChunkFraming.frame("more")) } == .ready)
        #expect(await client.receive(until: "more\r\n") == "4\r\nmore\r\n")
    }

    /// What the process has in memory.
    private func residentByteCount() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        fgets(&line, 128, file)
        let words = String(decoding: line.prefix { $0 > 0 }.map(UInt8.init), as: UTF8.self)
            .split(separator: " ")
        return (words.count > 1 ? Int(words[1]) ?? 0 : 0) * sysconf(CInt(_SC_PAGESIZE))
    }
}
