// Two gateways over one store: nobody is shown, or told, what the other one has made untrue.

import APIServer
import HTTPTesting
import JSON
import Storage
import Testing

@Suite struct FreshnessTests {
    private let maps = TestGateway.configMaps

    /// Two gateways; the second one's contact with the store is the test's.
    private func run(
        _ body: (_ first: TestGateway, _ second: TestGateway, SharedStore) async throws -> Void
    ) async throws {
        let memory = MemoryStore()
        let shared = SharedStore(memory)
        let first = try await TestGateway(over: memory, seenAs: SharedStore(memory))
        let second = try await TestGateway(over: memory, seenAs: shared)
        do {
            try await body(first, second, shared)
        } catch {
            shared.mend()
            await second.stop(keepingStore: true)
            await first.stop()
            throw error
        }
        shared.mend()
        await second.stop(keepingStore: true)
        await first.stop()
    }

    @Test func `a read sees what another gateway committed before it began`() async throws {
        try await run { first, second, shared in
            for number in 0..<20 {
                try await first.create("m\(number)")
                let one = try await second.get(maps + "/m\(number)")
                #expect(one.status == 200)
                let all = try await second.get(maps)
                #expect(all.names.count == number + 1)
            }
            #expect(shared.probeCount >= 40)
        }
    }

    @Test func `a read waits for a watch that is late; with zero it does not`() async throws {
        try await run { first, second, shared in
            shared.hold()
            try await first.create("late")
            let waiting = try second.connect()
            await waiting.send(second.request("GET", maps + "/late"))
            let old = try await second.get(maps + "/late?resourceVersion=0")
            #expect(old.status == 404)
            shared.release()
            #expect(TestAnswer(await waiting.receiveAnswer()).status == 200)
        }
    }

    @Test func `a revision that one gateway tells is soon known by the other`() async throws {
        try await run { first, second, _ in
            let revision = try await first.create("a").revision
            let found = try await second.get(maps + "?resourceVersion=" + revision)
            #expect(found.names == ["a"])
            let watch = try await second.watch(maps + "?watch=true&resourceVersion=" + revision)
            try await first.create("b")
            #expect(await watch.next(1) == ["ADDED b"])
            await watch.close()
        }
    }

    @Test func `a write is not refused for what another gateway has changed`() async throws {
        try await run { first, second, shared in
            shared.hold()
            let made = try await first.create("a", data: ["x": "1"])
            var changed = made.json
            changed["data"] = ["x": "2"]
            let put = try second.connect()
            // The cache is behind until the write has asked the store.
            let count = shared.probeCount
            await put.send(second.request("PUT", maps + "/a", changed))
            while shared.probeCount == count { try await Task.sleep(for: .milliseconds(1)) }
            shared.release()
            #expect(TestAnswer(await put.receiveAnswer()).status == 200)
            #expect(try await first.get(maps + "/a").json[path: "data", "x"] == "2")
            #expect(try await first.ask("DELETE", maps + "/a").status == 200)
            #expect(try await second.ask("DELETE", maps + "/a").status == 404)
        }
    }

    @Test func `a write that changes nothing of an old state is no success`() async throws {
        try await run { first, second, shared in
            let old = try await first.create("a", data: ["x": "1"])
            #expect(try await second.get(maps + "/a").status == 200)
            shared.hold()
            try await first.merge(["data": ["x": "5"]], into: maps + "/a")
            var unconditional = old.json
            unconditional.setForTest("resourceVersion", nil)
            let put = try second.connect()
            let count = shared.probeCount
            await put.send(second.request("PUT", maps + "/a", unconditional))
            while shared.probeCount == count { try await Task.sleep(for: .milliseconds(1)) }
            shared.release()
            #expect(TestAnswer(await put.receiveAnswer()).status == 200)
            #expect(try await first.get(maps + "/a").json[path: "data", "x"] == "1")
        }
    }

    @Test func `a deletion of all deletes what another gateway has just made`() async throws {
        try await run { first, second, _ in
            for number in 0..<10 { try await first.create("m\(number)") }
            #expect(try await second.ask("DELETE", maps).status == 200)
            #expect(try await first.get(maps).names.isEmpty)
        }
    }

    @Test func `without the store, nothing is claimed and old states carry a warning`()
        async throws
    {
        try await run { first, second, shared in
            try await first.create("a")
            #expect(try await second.get(maps).names == ["a"])
            let watch = try await second.watch(maps + "?watch=true&resourceVersion=0")
            #expect(await watch.next(1) == ["ADDED a"])
            shared.cut()
            let refused = try await second.get(maps)
            #expect(refused.status == 503)
            #expect(refused.field("Retry-After") == "1")
            #expect(try await second.get(maps + "/a").status == 503)
            let write = try await second.ask(
                "POST", maps, ["metadata": ["name": "b"]],
                fields: ["Content-Type: application/json"])
            #expect(write.status == 503)
            #expect(write.field("Retry-After") == "1")
            for (query, fields) in [("?resourceVersion=0", []), ("", ["Prefer: wait=1, stale"])] {
                let old = try await second.get(maps + query, fields: fields)
                #expect(old.names == ["a"])
                let warning = old.field("Warning") ?? ""
                #expect(warning.hasPrefix("299 - \"the store is out of reach: "))
            }
            shared.mend()
            try await first.create("c")
            #expect(await watch.next(1) == ["ADDED c"])
            let fresh = try await second.get(maps)
            #expect(fresh.names == ["a", "c"])
            #expect(fresh.field("Warning") == nil)
            #expect(try await second.get(maps + "?resourceVersion=0").field("Warning") == nil)
            await watch.close()
        }
    }

    @Test func `a gateway that may serves old states to everybody`() async throws {
        let memory = MemoryStore()
        let shared = SharedStore(memory)
        let gateway = try await TestGateway(over: memory, seenAs: shared) { $0.servesStale = true }
        try await gateway.run { gateway in
            try await gateway.create("a")
            shared.cut()
            let old = try await gateway.get(maps + "/a")
            #expect(old.status == 200)
            #expect(old.field("Warning") != nil)
            shared.mend()
        }
    }
}

extension JSONValue {
    fileprivate mutating func setForTest(_ name: String, _ value: JSONValue?) {
        var metadata = self["metadata"] ?? .null
        metadata[name] = value
        self["metadata"] = metadata
    }
}
