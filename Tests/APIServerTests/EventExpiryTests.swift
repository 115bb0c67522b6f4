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

    /// Lets time pass until an event has gone, and counts the seconds.
    private static func wait(
        for name: String, _ gateway: TestGateway, _ time: inout Int64
    ) async throws {
        while try await gateway.get(events + "/" + name).status != 404 {
            await gateway.advance(seconds: 3)
            time += 3
            try Task.checkCancellation()
        }
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
            var time: Int64 = 40
            try await Self.wait(for: "old", gateway, &time)
            #expect(time >= 60)
            #expect(await watch.next(2) == ["MODIFIED kept", "DELETED old"])
            try await Self.wait(for: "kept", gateway, &time)
            #expect(time >= 100)
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
