import APIServer
import HTTPTesting
import JSON
import Testing

@Suite struct WatchingTests {
    private let maps = TestGateway.configMaps

    @Test func `a watch shows the present state and then every change in order`() async throws {
        try await TestGateway.run { gateway in
            try await gateway.create("a")
            let watch = try await gateway.watch(maps + "?watch=true")
            #expect(await watch.next(1) == ["ADDED a"])
            try await gateway.create("b")
            try await gateway.merge(["data": ["x": "1"]], into: maps + "/a")
            _ = try await gateway.ask("DELETE", maps + "/b")
            #expect(await watch.next(3) == ["ADDED b", "MODIFIED a", "DELETED b"])
        }
    }

    @Test func `a watch resumes after the revision that it names`() async throws {
        try await TestGateway.run { gateway in
            let revision = try await gateway.create("a").revision
            try await gateway.create("b")
            let watch = try await gateway.watch(maps + "?watch=1&resourceVersion=" + revision)
            #expect(await watch.next(1) == ["ADDED b"])
        }
    }

    @Test func `an object that comes to match or ceases to reads as added or deleted`()
        async throws
    {
        try await TestGateway.run { gateway in
            let watch = try await gateway.watch(maps + "?watch=1&labelSelector=on%3Dyes")
            try await gateway.create("a", labels: ["on": "no"])
            try await gateway.merge(["metadata": ["labels": ["on": "yes"]]], into: maps + "/a")
            try await gateway.merge(["data": ["x": "1"]], into: maps + "/a")
            try await gateway.merge(["metadata": ["labels": ["on": "no"]]], into: maps + "/a")
            #expect(await watch.next(3) == ["ADDED a", "MODIFIED a", "DELETED a"])
        }
    }

    @Test func `a streamed list ends with a bookmark that says so`() async throws {
        try await TestGateway.run { gateway in
            try await gateway.create("a")
            let query = "?watch=1&sendInitialEvents=true&allowWatchBookmarks=true"
            let watch = try await gateway.watch(maps + query + "&resourceVersionMatch=NotOlderThan")
            #expect(await watch.next(1) == ["ADDED a"])
            let end = await watch.next()
            #expect(end["type"] == "BOOKMARK")
            let annotations = end[path: "object", "metadata", "annotations"]
            #expect(annotations?["k8s.io/initial-events-end"] == "true")
        }
    }

    @Test func `a watch whose time is up ends with a bookmark`() async throws {
        try await TestGateway.run { gateway in
            let query = "?watch=1&allowWatchBookmarks=true&timeoutSeconds=5&resourceVersion="
            let revision = try await gateway.create("a").revision
            let watch = try await gateway.watch(maps + query + revision)
            let last = try await gateway.create("b").revision
            #expect(await watch.next(1) == ["ADDED b"])
            await gateway.advance(seconds: 6)
            let bookmark = await watch.next()
            #expect(bookmark["type"] == "BOOKMARK")
            #expect(bookmark[path: "object", "metadata", "resourceVersion"]?.string == last)
            #expect(await watch.next() == .null)
        }
    }

    @Test func `tables and metadata can be watched too`() async throws {
        try await TestGateway.run { gateway in
            try await gateway.create("a", data: ["x": "1"])
            let client = try gateway.connect()
            let accept = "Accept: application/json;as=Table;v=v1;g=meta.k8s.io"
            await client.send(gateway.request("GET", maps + "?watch=1", fields: [accept]))
            let watch = TestWatch(client, head: await client.receive(until: "\r\n\r\n"))
            let event = await watch.next()
            #expect(event[path: "object", "kind"] == "Table")
            #expect(event[path: "object", "rows"]?[0]?["cells"]?[0] == "a")
        }
    }

    @Test func `a long poll answers with what happened after its position`() async throws {
        try await TestGateway.run { gateway in
            let revision = try await gateway.create("a").revision
            let client = try gateway.connect()
            let target = maps + "?poll=true&timeoutSeconds=60&resourceVersion=" + revision
            await client.send(gateway.request("GET", target))
            let newest = try await gateway.create("b").revision
            let answer = TestAnswer(await client.receiveAnswer())
            #expect(answer.json["kind"] == "WatchEventList")
            #expect(answer.revision == newest)
            #expect(answer.json["items"]?.array?.count == 1)
            #expect(answer.json["items"]?[0]?["type"] == "ADDED")
        }
    }

    @Test func `a long poll that sees nothing ends with an empty list`() async throws {
        try await TestGateway.run { gateway in
            let revision = try await gateway.create("a").revision
            let client = try gateway.connect()
            let target = maps + "?poll=true&timeoutSeconds=3&resourceVersion=" + revision
            await client.send(gateway.request("GET", target))
            _ = try await gateway.get("/version")
            await gateway.advance(seconds: 4)
            let answer = TestAnswer(await client.receiveAnswer())
            #expect(answer.status == 200)
            #expect(answer.json["items"]?.array?.isEmpty == true)
        }
    }

    @Test func `a poll after too many events is told where the next one begins`() async throws {
        try await TestGateway.run { gateway in
            var position = try await gateway.create("a0").revision
            for number in 1...5 { try await gateway.create("a\(number)") }
            var seen: [String] = []
            for _ in 0..<3 {
                let target = maps + "?poll=true&limit=2&resourceVersion=" + position
                let answer = try await gateway.get(target)
                seen += (answer.json["items"]?.array ?? []).compactMap {
                    $0[path: "object", "metadata", "name"]?.string
                }
                position = answer.revision
            }
            #expect(seen == ["a1", "a2", "a3", "a4", "a5"])
        }
    }

    @Test func `a server that is about to end ends watches and waits and begins none`()
        async throws
    {
        try await TestGateway.run { gateway in
            let revision = try await gateway.create("a").revision
            let query = "?watch=1&allowWatchBookmarks=true&resourceVersion=" + revision
            let watch = try await gateway.watch(maps + query)
            await gateway.beginToStop()
            let bookmark = await watch.next()
            #expect(bookmark["type"] == "BOOKMARK")
            let end = await watch.next()
            #expect(end == .null)
            let late = try await gateway.get(maps + query)
            #expect(late.status == 503)
            let poll = try await gateway.get(maps + "?poll=true&resourceVersion=" + revision)
            #expect(poll.status == 200)
            let read = try await gateway.get(maps + "/a")
            #expect(read.status == 200)
        }
    }
}
