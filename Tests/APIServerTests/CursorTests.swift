import APIServer
import Buffers
import HTTPTesting
import JSON
import Storage
import Testing

@Suite struct CursorTests {
    private let maps = TestGateway.configMaps
    /// Answers at once when nothing has happened.
    private let poll = TestGateway.configMaps + "?poll=true&timeoutSeconds=0&cursor=mine"

    // MARK: Where it goes on

    @Test func `a cursor begins with the present state, again and again until it is acknowledged`()
        async throws
    {
        try await TestGateway.run { gateway in
            try await gateway.create("a")
            for _ in 0..<2 {
                let answer = try await gateway.get(poll)
                #expect(answer.status == 200)
                #expect(answer.json["kind"] == "WatchEventList")
                #expect(answer.events == ["ADDED a"])
            }
        }
    }

    @Test func `a cursor goes on from what was acknowledged, and repeats what was not`()
        async throws
    {
        try await TestGateway.run { gateway in
            try await gateway.create("a")
            let first = try await gateway.get(poll)
            try await gateway.create("b")
            let second = try await gateway.acknowledge(first, poll)
            #expect(second.events == ["ADDED b"])
            try await gateway.merge(["data": ["x": "1"]], into: maps + "/a")
            for _ in 0..<2 {
                let repeated = try await gateway.get(poll)
                #expect(repeated.events == ["ADDED b", "MODIFIED a"])
            }
            let third = try await gateway.acknowledge(second, poll)
            #expect(third.events == ["MODIFIED a"])
            let last = try await gateway.acknowledgeAll(third, poll)
            #expect(last.events == [])
        }
    }

    @Test func `a cursor can begin after a revision`() async throws {
        try await TestGateway.run { gateway in
            let revision = try await gateway.create("a").revision
            try await gateway.create("b")
            let answer = try await gateway.get(poll + "&resourceVersion=" + revision)
            #expect(answer.events == ["ADDED b"])
            let again = try await gateway.get(poll)
            #expect(again.events == ["ADDED b"])
        }
    }

    @Test func `revision zero starts over with the present state`() async throws {
        try await TestGateway.run { gateway in
            try await gateway.create("a")
            let first = try await gateway.get(poll)
            try await gateway.create("b")
            _ = try await gateway.acknowledge(first, poll)
            let over = try await gateway.get(poll + "&resourceVersion=0")
            #expect(over.events == ["ADDED a", "ADDED b"])
            let again = try await gateway.get(poll)
            #expect(again.events == ["ADDED a", "ADDED b"])
        }
    }

    @Test func `a cursor counts its events, and shows them in any view`() async throws {
        try await TestGateway.run { gateway in
            var position = try await gateway.create("a0").revision
            for number in 1...3 { try await gateway.create("a\(number)") }
            var seen: [[String]] = []
            for _ in 0..<2 {
                let answer = try await gateway.get(
                    poll + "&limit=2&resourceVersion=" + position)
                seen.append(answer.events)
                position = answer.revision
            }
            #expect(seen == [["ADDED a1", "ADDED a2"], ["ADDED a3"]])
            let accept = "Accept: application/json;as=Table;v=v1;g=meta.k8s.io"
            let table = try await gateway.get(poll, fields: [accept])
            #expect(table.json["items"]?[0]?[path: "object", "kind"] == "Table")
            let yaml = try await gateway.get(poll, fields: ["Accept: application/yaml"])
            #expect(yaml.body.contains("kind: WatchEventList"))
        }
    }

    // MARK: Other gateways

    @Test func `a cursor outlives its gateway`() async throws {
        let store = MemoryStore()
        let first = try await TestGateway(over: store)
        try await first.create("a")
        let begun = try await first.get(poll)
        try await first.create("b")
        let seen = try await first.acknowledge(begun, poll)
        #expect(seen.events == ["ADDED b"])
        await first.stop(keepingStore: true)
        let second = try await TestGateway(over: store)
        let resumed = try await second.get(poll)
        #expect(resumed.events == ["ADDED b"])
        await second.stop()
    }

    @Test func `a gateway that is asked for a position asks the store, not its cache`()
        async throws
    {
        let store = MemoryStore()
        let gateways = [try await TestGateway(over: store), try await TestGateway(over: store)]
        var last = try await gateways[0].create("a0")
        _ = try await gateways[0].get(poll)
        for round in 1...20 {
            let next = try await gateways[0].create("a\(round)")
            // One acknowledges, and the other goes on from there at once.
            _ = try await gateways[round % 2].get(poll + "&resourceVersion=" + last.revision)
            let seen = try await gateways[(round + 1) % 2].get(poll)
            #expect(seen.events == ["ADDED a\(round)"])
            last = next
        }
        for gateway in gateways { await gateway.stop() }
    }

    @Test func `of two that make a cursor at the same time, one does`() async throws {
        let store = MemoryStore()
        let gateways = [try await TestGateway(over: store), try await TestGateway(over: store)]
        try await gateways[0].create("a")
        for round in 0..<20 {
            let target = maps + "?poll=true&cursor=c\(round)"
            async let one = gateways[0].get(target)
            async let other = gateways[1].get(target)
            let statuses = try await [one.status, other.status]
            #expect(statuses == [200, 200])
        }
        let listed = try await gateways[0].get(TestGateway.cursors)
        #expect(listed.names.count == 20)
        for gateway in gateways { await gateway.stop() }
    }

    // MARK: What is written

    @Test func `polls that bring nothing write nothing`() async throws {
        try await TestGateway.run { gateway in
            try await gateway.create("a")
            let begun = try await gateway.get(poll)
            // Moves the window on, so that the position is not in its older half.
            var answer = try await gateway.acknowledge(begun, poll)
            let before = try await gateway.store.currentRevision()
            for _ in 0..<5 {
                #expect(answer.events == [])
                answer = try await gateway.acknowledge(answer, poll)
            }
            let unwritten = try await gateway.store.currentRevision()
            #expect(unwritten == before)

            _ = try await gateway.ask("POST", "/api/v1/namespaces", ["metadata": ["name": "n"]])
            answer = try await gateway.acknowledge(answer, poll)
            let other = try await gateway.acknowledge(answer, poll)
            #expect(other.events == [])
            let after = try await gateway.store.currentRevision()
            #expect(after == before.next)

            try await gateway.create("b")
            let seen = try await gateway.acknowledge(other, poll)
            #expect(seen.events == ["ADDED b"])
        }
    }

    @Test func `what is acknowledged is not told to those who watch something else`()
        async throws
    {
        try await TestGateway.run { gateway in
            let first = try await gateway.create("a")
            let watch = try await gateway.watch(maps + "?watch=1&resourceVersion=0")
            #expect(await watch.next(1) == ["ADDED a"])
            let cursors = try await gateway.watch(TestGateway.cursors + "?watch=1")
            _ = try await gateway.get(poll)
            _ = try await gateway.acknowledge(first, poll)
            let name = "mine.of-system-3aadmin"
            #expect(await cursors.next(2) == ["ADDED \(name)", "MODIFIED \(name)"])
            try await gateway.create("b")
            #expect(await watch.next(1) == ["ADDED b"])
        }
    }

    // MARK: Two at once

    @Test func `two polls of one cursor see the same`() async throws {
        try await TestGateway.run { gateway in
            let revision = try await gateway.create("a").revision
            let target = maps + "?poll=true&timeoutSeconds=60&cursor=mine&resourceVersion="
            let clients = [try gateway.connect(), try gateway.connect()]
            for client in clients {
                await client.send(gateway.request("GET", target + revision))
            }
            try await gateway.create("b")
            for client in clients {
                let answer = TestAnswer(await client.receiveAnswer())
                #expect(answer.events == ["ADDED b"])
            }
        }
    }

    @Test func `deleting a cursor leaves a poll that waits alone, and the next one makes it anew`()
        async throws
    {
        try await TestGateway.run { gateway in
            let revision = try await gateway.create("a").revision
            let client = try gateway.connect()
            let target = maps + "?poll=true&timeoutSeconds=60&cursor=mine&resourceVersion="
            let cursors = try await gateway.watch(TestGateway.cursors + "?watch=1")
            await client.send(gateway.request("GET", target + revision))
            let name = "mine.of-system-3aadmin"
            #expect(await cursors.next(1) == ["ADDED \(name)"])
            let deleted = try await gateway.ask("DELETE", TestGateway.cursors + "/" + name)
            #expect(deleted.status == 200)
            try await gateway.create("b")
            let answer = TestAnswer(await client.receiveAnswer())
            #expect(answer.events == ["ADDED b"])
            try await gateway.create("c")
            let next = try await gateway.acknowledge(answer, poll)
            #expect(next.events == ["ADDED c"])
            #expect(await cursors.next(2) == ["DELETED \(name)", "ADDED \(name)"])
        }
    }
}

extension TestGateway {
    static let cursors = "/apis/binnacle.dev/v1/watchcursors"

    /// Polls again, saying that `answer` has been dealt with.
    func acknowledge(_ answer: TestAnswer, _ poll: String) async throws -> TestAnswer {
        try await self.poll(poll + "&resourceVersion=" + answer.revision)
    }

    /// A poll that waits for zero seconds. Lets no time pass: such a wait is over when the loop
    /// looks at what is due.
    func poll(_ target: String) async throws -> TestAnswer {
        let looking = Task {
            while !Task.isCancelled {
                await advance(seconds: 0)
                await Task.yield()
            }
        }
        defer { looking.cancel() }
        return try await get(target)
    }

    /// The same until nothing comes any more.
    func acknowledgeAll(_ answer: TestAnswer, _ poll: String) async throws -> TestAnswer {
        var answer = answer
        repeat {
            answer = try await acknowledge(answer, poll)
        } while !answer.events.isEmpty
        return answer
    }
}

extension TestAnswer {
    /// The types and names of a poll's events.
    var events: [String] {
        (json["items"]?.array ?? []).map { event in
            let name = event[path: "object", "metadata", "name"]?.string ?? ""
            return "\(event["type"]?.string ?? "") \(name)"
        }
    }
}
