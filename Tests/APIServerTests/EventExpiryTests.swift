// Events that nobody writes any more.

import APIServer
import JSON
import Testing

@Suite struct EventExpiryTests {
    private static let events = "/api/v1/namespaces/default/events"

    private static func make(_ gateway: TestGateway, _ name: String) async throws {
        let made = try await gateway.make(
            events, name,
            ["involvedObject": ["kind": "Pod", "namespace": "default", "name": "p"]])
        #expect(made.status == 201, "\(made.body)")
    }

    @Test func `an event leaves when it was not written for its time, and watchers are told`()
        async throws
    {
        let gateway = try await TestGateway { $0.eventLifetime = .seconds(60) }
        try await gateway.run { gateway in
            try await Self.make(gateway, "kept")
            try await Self.make(gateway, "old")
            let watch = try await gateway.watch(Self.events + "?watch=true&resourceVersion=0")
            #expect(await watch.next(2) == ["ADDED kept", "ADDED old"])
            await gateway.advance(seconds: 40)
            try await gateway.merge(["count": 2], into: Self.events + "/kept")
            await gateway.advance(seconds: 25)
            #expect(await watch.next(2) == ["MODIFIED kept", "DELETED old"])
            await gateway.advance(seconds: 40)
            #expect(await watch.next(1) == ["DELETED kept"])
            await watch.close()
        }
    }

    @Test func `events stay when they have no time`()
        async throws
    {
        let gateway = try await TestGateway { $0.eventLifetime = nil }
        try await gateway.run { gateway in
            try await Self.make(gateway, "old")
            await gateway.advance(seconds: 100_000)
            let kept = try await gateway.get(Self.events + "/old")
            #expect(kept.status == 200)
        }
    }
}
