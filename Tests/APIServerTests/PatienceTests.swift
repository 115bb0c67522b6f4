import HTTPTesting
import JSON
import Testing

@testable import APIServer

@Suite struct PatienceTests {
    private let maps = TestGateway.configMaps

    @Test(arguments: [0, 0.25, 0.5, 0.999_999])
    func `a wait is at most what was asked for, less the margin, and hardly less`(random: Double) {
        let patience = Patience(random: { random })
        for seconds in [1, 2, 16, 30, 299, 300] {
            let asked = Duration.seconds(seconds)
            let wait = patience.ofWait(asked)
            #expect(wait <= asked - Limits.waitMargin)
            #expect(wait >= asked * 15 / 16 - Limits.waitMargin)
            #expect(patience.ofWatch(asked) <= asked)
            #expect(patience.ofWatch(asked) >= asked * 15 / 16)
        }
    }

    @Test func `what is asked for has bounds`() {
        let patience = Patience(random: { 0 })
        #expect(patience.ofWait(.seconds(301)) == .milliseconds(299_500))
        #expect(patience.ofWait(.seconds(Int64.max)) == .milliseconds(299_500))
        #expect(patience.ofWait(.zero) == .zero)
        #expect(patience.ofWait(.seconds(-5)) == .zero)
        #expect(patience.ofWatch(nil) == Limits.watchDurationMin)
        #expect(Patience(random: { 0.5 }).ofWatch(nil) == Limits.watchDurationMin * 1.5)
    }

    @Test func `a long poll ends a drawn part earlier than asked`() async throws {
        // Half of a sixteenth of 160 s, and the margin: 154.5 s.
        try await TestGateway(random: 0.5).run { gateway in
            let revision = try await gateway.create("a").revision
            let target = maps + "?poll=true&timeoutSeconds=160&resourceVersion="
            let early = try gateway.connect()
            await early.send(gateway.request("GET", target + revision))
            _ = try await gateway.get("/version")
            await gateway.advance(seconds: 154)
            let newest = try await gateway.create("b").revision
            let changed = TestAnswer(await early.receiveAnswer())
            #expect(changed.json["items"]?.array?.count == 1)
            let late = try gateway.connect()
            await late.send(gateway.request("GET", target + newest))
            _ = try await gateway.get("/version")
            await gateway.advance(seconds: 155)
            let quiet = TestAnswer(await late.receiveAnswer())
            #expect(quiet.json["items"]?.array?.isEmpty == true)
        }
    }

    @Test func `a watch ends a drawn part earlier than asked`() async throws {
        try await TestGateway(random: 0.5).run { gateway in
            let revision = try await gateway.create("a").revision
            let watch = try await gateway.watch(
                maps + "?watch=1&timeoutSeconds=160&resourceVersion=" + revision)
            await gateway.advance(seconds: 154)
            try await gateway.create("b")
            let event = await watch.next(1)
            #expect(event == ["ADDED b"])
            await gateway.advance(seconds: 1)
            let end = await watch.next()
            #expect(end == .null)
        }
    }
}
