// Watchers that do not read: they lose nothing, and nobody else notices.

import APIServer
import HTTPTesting
import JSON
import Testing
import WatchCache

@Suite(.timeLimit(.minutes(5))) struct StalledWatcherTests {
    private let maps = TestGateway.configMaps
    /// A few of these fill a socket whose client does not read.
    private static let large = JSONValue.string(String(repeating: "x", count: 60_000))

    @Test func `a watcher that does not read for hours goes on without a gap`() async throws {
        try await TestGateway.run { gateway in
            let revision = try await gateway.create("first").revision
            let query = "?watch=1&timeoutSeconds=100000&allowWatchBookmarks=true&resourceVersion="
            let watch = try await gateway.watch(maps + query + revision, roomByteCount: 4096)
            var expected: [String] = []
            for number in 0..<12 {
                try await gateway.create("large\(number)", data: ["text": Self.large])
                expected.append("ADDED large\(number)")
            }
            try await gateway.wait { $0.watchers("behind") == 1 }
            // The limit for answers that are complete is a minute.
            for _ in 0..<120 { await gateway.advance(seconds: 61) }
            for name in ["late", "later"] {
                try await gateway.create(name)
                expected.append("ADDED \(name)")
            }
            #expect(try await gateway.figures().watchers("behind") == 1)
            await watch.makeRoom()
            #expect(await watch.next(14) == expected)
            try await gateway.wait { $0.watchers("live") == 1 }
            try await gateway.create("last")
            #expect(await watch.next(1) == ["ADDED last"])
        }
    }

    @Test func `the rest of a watch whose time is up is given up when nobody takes it`()
        async throws
    {
        try await TestGateway.run { gateway in
            let revision = try await gateway.create("first").revision
            let query = "?watch=1&timeoutSeconds=30&resourceVersion=" + revision
            let watch = try await gateway.watch(maps + query, roomByteCount: 4096)
            for number in 0..<12 {
                try await gateway.create("large\(number)", data: ["text": Self.large])
            }
            try await gateway.wait { $0.watchers("behind") == 1 }
            await gateway.advance(seconds: 31)
            // Its end waits to be sent for a minute, and not for longer.
            await gateway.advance(seconds: 59)
            #expect(gateway.connectionCount >= 1)
            while gateway.connectionCount > 0 {
                try Task.checkCancellation()
                await gateway.advance(seconds: 2)
            }
            await watch.close()
        }
    }

    @Test func `a thousand that do not read hold up nobody who does`() async throws {
        let stalledCount = 1_000
        try await TestGateway.run { gateway in
            let revision = try await gateway.create("first").revision
            let target = maps + "?watch=1&resourceVersion=" + revision
            var stalled: [TestWatch] = []
            for _ in 0..<stalledCount {
                stalled.append(try await gateway.watch(target, roomByteCount: 4096))
            }
            let healthy = try await gateway.watch(target)
            var expected: [String] = []
            func create(_ name: String, _ data: JSONObject = [:]) async throws {
                try await gateway.create(name, data: data)
                expected.append("ADDED \(name)")
                #expect(await healthy.next(1) == [expected.last!])
            }
            var number = 0
            while try await gateway.figures().watchers("behind") < Double(stalledCount) {
                number += 1
                try await create("large\(number)", ["text": Self.large])
            }
            for number in 0..<20 { try await create("small\(number)") }
            let figures = try await gateway.figures()
            #expect(figures.watchers("behind") == Double(stalledCount))
            #expect(figures.watchers("live") == 1)
            await stalled[stalledCount / 2].makeRoom()
            let all = await stalled[stalledCount / 2].next(expected.count)
            #expect(all == expected)
            for watch in stalled { await watch.close() }
        }
    }
}
