// What /metrics shows, and that each figure moves as it should.

import APIServer
import HTTPTesting
import JSON
import Storage
import Testing
import WatchCache

@Suite(.timeLimit(.minutes(5))) struct MetricsTests {
    private let maps = TestGateway.configMaps

    /// A gateway that keeps next to nothing of its past in memory.
    private func forgetful() async throws -> TestGateway {
        var limits = WatchCache.Limits()
        limits.logByteCountMax = 1
        return try await TestGateway(limits: limits, readsPast: true)
    }

    private func starts(
        _ figures: TestFigures, _ reader: String, _ outcome: String
    ) -> Double {
        figures.maps("binnacle_watch_starts_total", "reader=\"\(reader)\",outcome=\"\(outcome)\"")
    }

    private func reads(_ figures: TestFigures, _ origin: String) -> Double {
        figures.maps("binnacle_cache_reads_total", "origin=\"\(origin)\"")
    }

    @Test func `objects, applied events and the log in memory are counted by resource`()
        async throws
    {
        try await TestGateway.run { gateway in
            for name in ["a", "b", "c"] { try await gateway.create(name) }
            _ = try await gateway.ask("DELETE", maps + "/b")
            let figures = try await gateway.figures()
            #expect(figures.maps("apiserver_storage_objects") == 2)
            #expect(figures.maps("apiserver_watch_cache_events_received_total") == 4)
            #expect(figures.maps("binnacle_log_memory_events") == 4)
            #expect(figures.maps("binnacle_log_memory_bytes") > 4 * 160)
            #expect(figures["binnacle_cache_revision"] >= 4)
            let leases = "{group=\"coordination.k8s.io\",resource=\"leases\"}"
            #expect(figures["apiserver_storage_objects" + leases] == 0)
        }
    }

    @Test func `requests are counted and timed by verb, and those that last are not timed`()
        async throws
    {
        try await TestGateway.run { gateway in
            try await gateway.create("a")
            _ = try await gateway.get(maps + "/a")
            _ = try await gateway.get(maps + "/a")
            _ = try await gateway.get(maps + "/none")
            _ = try await gateway.get(maps)
            let watch = try await gateway.watch(maps + "?watch=1")
            #expect(await watch.next(1) == ["ADDED a"])
            let figures = try await gateway.figures()
            func total(_ verb: String, _ code: String) -> Double {
                let labels = "verb=\"\(verb)\",group=\"\",resource=\"configmaps\",code=\"\(code)\""
                return figures["apiserver_request_total{\(labels)}"]
            }
            func timed(_ verb: String) -> Double {
                let labels = "verb=\"\(verb)\",group=\"\",resource=\"configmaps\""
                return figures["apiserver_request_duration_seconds_count{\(labels)}"]
            }
            #expect(total("GET", "200") == 2 && total("GET", "404") == 1)
            #expect(total("LIST", "200") == 1 && total("POST", "201") == 1)
            #expect(total("WATCH", "200") == 1)
            #expect(timed("GET") == 3 && timed("LIST") == 1 && timed("POST") == 1)
            #expect(timed("WATCH") == 0)
        }
    }

    @Test func `watches and waits are counted while they last`() async throws {
        try await TestGateway.run { gateway in
            func lasting(_ verb: String) -> (TestFigures) -> Double {
                let labels = "verb=\"\(verb)\",group=\"\",resource=\"configmaps\""
                return { $0["apiserver_longrunning_requests{\(labels)}"] }
            }
            let revision = try await gateway.create("a").revision
            let watch = try await gateway.watch(maps + "?watch=1&resourceVersion=" + revision)
            let poll = try gateway.connect()
            let query = "?poll=true&timeoutSeconds=60&resourceVersion=" + revision
            await poll.send(gateway.request("GET", maps + query))
            let get = try gateway.connect()
            let fields = ["If-None-Match: \"\(revision)\"", "Prefer: wait=60"]
            await get.send(gateway.request("GET", maps + "/a", fields: fields))
            try await gateway.wait { figures in
                ["WATCH", "POLL", "GET"].allSatisfy { lasting($0)(figures) == 1 }
            }
            try await gateway.merge(["data": ["x": "1"]], into: maps + "/a")
            _ = await poll.receiveAnswer()
            _ = await get.receiveAnswer()
            await watch.close()
            try await gateway.wait { figures in
                ["WATCH", "POLL", "GET"].allSatisfy { lasting($0)(figures) == 0 }
            }
        }
    }

    @Test func `watchers are counted by what they do, and one that does not read is parked`()
        async throws
    {
        try await TestGateway.run { gateway in
            let revision = try await gateway.create("first").revision
            let quick = try await gateway.watch(maps + "?watch=1&resourceVersion=" + revision)
            let query = "?watch=1&labelSelector=slow%3Dyes&resourceVersion=" + revision
            let slow = try await gateway.watch(maps + query, roomByteCount: 4096)
            #expect(try await gateway.figures().watchers("live") == 2)
            let text = JSONValue.string(String(repeating: "x", count: 400_000))
            try await gateway.create("large", labels: ["slow": "yes"], data: ["text": text])
            #expect(await quick.next(1) == ["ADDED large"])
            // The other one has been given all there is for it, and waits for its socket.
            try await gateway.wait { $0.watchers("parked") == 1 }
            try await gateway.create("other")
            #expect(try await gateway.figures().watchers("parked") == 1)
            try await gateway.create("more", labels: ["slow": "yes"])
            try await gateway.wait { $0.watchers("behind") == 1 && $0.watchers("parked") == 0 }
            await slow.makeRoom()
            #expect(await slow.next(2) == ["ADDED large", "ADDED more"])
            #expect(await quick.next(2) == ["ADDED other", "ADDED more"])
            try await gateway.wait { $0.watchers("live") == 2 && $0.watchers("behind") == 0 }
            await slow.close()
            try await gateway.wait { $0.watchers("live") == 1 }
        }
    }

    @Test func `delivered events and bookmarks are counted, and how long deliveries took`()
        async throws
    {
        try await TestGateway.run { gateway in
            let revision = try await gateway.create("a").revision
            let query = "?watch=1&allowWatchBookmarks=true&resourceVersion=" + revision
            let watches = [
                try await gateway.watch(maps + query), try await gateway.watch(maps + query),
            ]
            for name in ["b", "c", "d"] { try await gateway.create(name) }
            for watch in watches { _ = await watch.next(3) }
            var figures = try await gateway.figures()
            #expect(figures.maps("apiserver_watch_events_total") == 6)
            #expect(figures.maps("binnacle_watch_delivery_seconds_count") == 6)
            #expect(figures.maps("binnacle_watch_bookmarks_total") == 0)
            // The first interval saw events; the second one sees a bookmark.
            await gateway.advance(seconds: 61)
            await gateway.advance(seconds: 61)
            for watch in watches { #expect(await watch.next()["type"] == "BOOKMARK") }
            figures = try await gateway.figures()
            #expect(figures.maps("binnacle_watch_bookmarks_total") == 2)
            #expect(figures.maps("apiserver_watch_events_total") == 8)
            #expect(figures.maps("binnacle_watch_delivery_seconds_count") == 6)
        }
    }

    @Test func `watches are counted by where their first events come from`() async throws {
        try await (try await forgetful()).run { gateway in
            let first = try await gateway.create("a").revision
            for name in ["b", "c"] { try await gateway.create(name) }
            let last = try await gateway.create("d").revision
            let initial = try await gateway.watch(maps + "?watch=1")
            #expect(await initial.next(1) == ["ADDED a"])
            let memory = try await gateway.watch(maps + "?watch=1&resourceVersion=" + last)
            #expect(memory.head.hasPrefix("HTTP/1.1 200"))
            let disk = try await gateway.watch(maps + "?watch=1&resourceVersion=" + first)
            #expect(await disk.next(3) == ["ADDED b", "ADDED c", "ADDED d"])
            let revision = Revision(UInt64(last)!)
            try await gateway.store.compact(before: revision)
            let expired = try await gateway.watch(maps + "?watch=1&resourceVersion=" + first)
            #expect(await expired.next()["type"] == "ERROR")
            let figures = try await gateway.figures()
            for outcome in ["initial", "memory", "disk", "expired"] {
                #expect(starts(figures, "watch", outcome) == 1, "\(outcome)")
            }
            #expect(figures.maps("binnacle_history_read_events_total") >= 3)
            #expect(figures.maps("binnacle_log_oldest_revision", "where=\"window\"") > 0)
        }
    }

    @Test func `polls are counted by where their first events come from`() async throws {
        try await (try await forgetful()).run { gateway in
            let first = try await gateway.create("a").revision
            let last = try await gateway.create("b").revision
            _ = try await gateway.get(maps + "?poll=true")
            let poll = maps + "?poll=true&timeoutSeconds=0&resourceVersion="
            _ = try await gateway.get(poll + last)
            let past = try await gateway.get(poll + first)
            #expect(past.names == ["b"] || past.json["items"]?.array?.count == 1)
            try await gateway.store.compact(before: Revision(UInt64(last)!))
            let expired = try await gateway.get(poll + first)
            #expect(expired.status == 410)
            let figures = try await gateway.figures()
            for outcome in ["initial", "memory", "disk", "expired"] {
                #expect(starts(figures, "poll", outcome) == 1, "\(outcome)")
            }
        }
    }

    @Test func `a revision that is not reached in time is counted by who asked for it`()
        async throws
    {
        try await TestGateway.run { gateway in
            try await gateway.create("a")
            let beyond = "&resourceVersion=999999"
            async let watch = gateway.get(maps + "?watch=1" + beyond)
            async let poll = gateway.get(maps + "?poll=true" + beyond)
            async let list = gateway.get(maps + "?limit=1" + beyond)
            let answers = try await [watch, poll, list]
            #expect(answers.map(\.status) == [504, 504, 504])
            let figures = try await gateway.figures()
            #expect(starts(figures, "watch", "future") == 1)
            #expect(starts(figures, "poll", "future") == 1)
            #expect(reads(figures, "future") == 1)
            #expect(figures.maps("apiserver_watch_cache_read_wait_seconds_count") == 3)
        }
    }

    @Test func `reads are counted by where their state comes from`() async throws {
        try await TestGateway.run { gateway in
            let first = try await gateway.create("a").revision
            for name in ["b", "c", "d"] { try await gateway.create(name) }
            _ = try await gateway.get(maps + "/a")
            let page = try await gateway.get(maps + "?limit=2")
            try await gateway.create("e")
            _ = try await gateway.get(maps + "?limit=2&continue=" + page.continueToken)
            _ = try await gateway.get(
                maps + "?resourceVersionMatch=Exact&resourceVersion=" + first)
            let figures = try await gateway.figures()
            #expect(reads(figures, "present") == 2)
            #expect(reads(figures, "kept") == 1)
            #expect(reads(figures, "rebuilt") == 1)
            #expect(reads(figures, "expired") == 0)
        }
    }

    @Test func `a state that is too old is counted as such`() async throws {
        try await (try await forgetful()).run { gateway in
            let first = try await gateway.create("a").revision
            for name in ["b", "c"] { try await gateway.create(name) }
            let answer = try await gateway.get(
                maps + "?resourceVersionMatch=Exact&resourceVersion=" + first)
            #expect(answer.status == 410)
            let figures = try await gateway.figures()
            #expect(reads(figures, "expired") == 1)
        }
    }
}
