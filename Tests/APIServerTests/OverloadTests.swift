// What a client is told that comes when all connections are taken.

import HTTPServer
import HTTPTesting
import JSON
import Testing

@Suite struct OverloadTests {
    @Test func `a client too many is told to come back, and its connection ends`() async throws {
        var limits = HTTPServer.Limits()
        limits.connectionCountPerLoopMax = 1
        let gateway = try await TestGateway(serverLimits: limits)
        try await gateway.run { gateway in
            let served = try gateway.connect()
            await served.send(gateway.request("GET", "/version"))
            #expect(TestAnswer(await served.receiveAnswer()).status == 200)
            let shed = try gateway.connect()
            await shed.send(gateway.request("GET", "/version"))
            let refusal = TestAnswer(await shed.receiveAnswer())
            #expect(refusal.status == 429)
            #expect(refusal.field("Retry-After") == "1")
            #expect(refusal.field("Connection") == "close")
            #expect(refusal.json["kind"] == "Status")
            #expect(refusal.json["reason"] == "TooManyRequests")
            await served.send(gateway.request("GET", "/version"))
            #expect(TestAnswer(await served.receiveAnswer()).status == 200)
        }
    }
}
