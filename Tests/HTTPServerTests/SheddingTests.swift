// What becomes of connections that are too many.

import Buffers
import HTTPServer
import HTTPTesting
import HTTPWire
import Testing

@Suite(.timeLimit(.minutes(10))) struct SheddingTests {
    @Test func `a connection too many is told so and closed, and the others are served`()
        async throws
    {
        var limits = HTTPServer.Limits()
        limits.connectionCountPerLoopMax = 2
        limits.shedCountPerLoopMax = 1
        let rig = try Rig(limits: limits)
        let served = [try rig.connect(), try rig.connect()]
        for client in served {
            await client.send(get("/a"))
            #expect(await client.receiveAnswer().hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
        let shed = try rig.connect()
        await rig.wait { rig.server.counters.connectionsOpen == 3 }
        // Beyond the shed ones, there is not even an answer.
        #expect(await (try rig.connect()).receiveAll() == "")
        await shed.send(get("/a"))
        await shed.finishSending()
        let refusal = await shed.receiveAll()
        #expect(refusal.hasPrefix("HTTP/1.1 429 Too Many Requests\r\n"))
        #expect(refusal.contains("\r\nConnection: close\r\n"))
        await served[0].send(get("/b"))
        #expect(await served[0].receiveAnswer().hasPrefix("HTTP/1.1 200 OK\r\n"))
        await served[1].close()
        await rig.wait { rig.server.counters.connectionsOpen == 1 }
        let next = try rig.connect()
        await next.send(get("/a"))
        #expect(await next.receiveAnswer().hasPrefix("HTTP/1.1 200 OK\r\n"))
    }
}
