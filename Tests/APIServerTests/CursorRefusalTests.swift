import APIServer
import Buffers
import HTTPTesting
import JSON
import Storage
import Testing

@Suite struct CursorRefusalTests {
    private let maps = TestGateway.configMaps
    private let poll = TestGateway.configMaps + "?poll=true&timeoutSeconds=0&cursor=mine"
    private let object = TestGateway.cursors + "/mine.of-system-3aadmin"

    @Test func `an acknowledgement that goes back is refused`() async throws {
        try await TestGateway.run { gateway in
            let first = try await gateway.create("a").revision
            let second = try await gateway.create("b").revision
            try await gateway.create("c")
            _ = try await gateway.get(poll + "&resourceVersion=" + second)
            let back = try await gateway.get(poll + "&resourceVersion=" + first)
            #expect(back.status == 409)
            #expect(back.json["reason"] == "Conflict")
            #expect(back.message.contains("acknowledged up to \(second), which is after \(first)"))
            let resumed = try await gateway.get(poll)
            #expect(resumed.events == ["ADDED c"])
        }
    }

    @Test func `a cursor is for one collection and one selection of it`() async throws {
        try await TestGateway.run { gateway in
            try await gateway.create("a", labels: ["x": "1", "y": "2"])
            let selected = poll + "&labelSelector=x%3D1,y%20in%20(2)"
            let first = try await gateway.get(selected)
            #expect(first.events == ["ADDED a"])
            let same = try await gateway.get(poll + "&labelSelector=y%3D%3D2,x%20in%20(1)")
            #expect(same.events == ["ADDED a"])
            let others = [
                poll, poll + "&labelSelector=x%3D1", selected + "&fieldSelector=metadata.name%3Da",
                "/api/v1/configmaps?poll=true&cursor=mine&labelSelector=x%3D1,y%3D2",
                "/api/v1/namespaces/default/secrets?poll=true&cursor=mine",
            ]
            for other in others {
                let answer = try await gateway.get(other)
                #expect(answer.status == 409)
                let followed = "is for \(maps) with labelSelector \"x=1,y=2\", not for /api/v1/"
                #expect(answer.message.contains(followed))
            }
        }
    }

    @Test(arguments: [
        "?cursor=mine", "?watch=true&cursor=mine", "?watch=true&poll=true&cursor=mine",
    ])
    func `a cursor without a poll is refused`(query: String) async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.get(maps + query)
            #expect(answer.status == 400)
            #expect(answer.message.contains("pass poll=true"))
            let deprecated = try await gateway.get(
                "/api/v1/watch/configmaps?poll=true&cursor=mine")
            #expect(deprecated.status == 400)
        }
    }

    @Test func `a cursor does not follow cursors`() async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.get(TestGateway.cursors + "?poll=true&cursor=mine")
            #expect(answer.status == 400)
            let plain = try await gateway.get(TestGateway.cursors + "?poll=true")
            #expect(plain.events == [])
        }
    }

    @Test func `a name that is too long, or none, is invalid`() async throws {
        try await TestGateway.run { gateway in
            for name in [String(repeating: "a", count: 64), "", "No", "a/b"] {
                let answer = try await gateway.get(maps + "?poll=true&cursor=" + name)
                #expect(answer.status == 422)
            }
            let longest = String(repeating: "a", count: 63)
            let answer = try await gateway.get(maps + "?poll=true&cursor=" + longest)
            #expect(answer.status == 200)
        }
    }

    @Test func `a user has no more cursors than there may be`() async throws {
        try await TestGateway.run { gateway in
            try await gateway.storeCursors(count: 999)
            let last = try await gateway.get(poll)
            #expect(last.status == 200)
            let next = try await gateway.get(maps + "?poll=true&cursor=next")
            #expect(next.status == 403)
            #expect(next.message.contains("user \"system:admin\" has 1000 cursors"))
            _ = try await gateway.ask("DELETE", object)
            let again = try await gateway.get(maps + "?poll=true&cursor=next")
            #expect(again.status == 200)
        }
    }

    @Test func `a position that is out of the window is told where the window is, and the way out`()
        async throws
    {
        // What is before these has been compacted, and the cache has not seen it.
        let store = MemoryStore(eventCountMax: 8)
        let before = try await TestGateway(over: store)
        let old = try await before.create("a").revision
        _ = try await before.poll(poll + "&resourceVersion=" + old)
        for number in 0..<40 { try await before.create("b\(number)") }
        await before.stop(keepingStore: true)
        let gateway = try await TestGateway(over: store)
        for target in [poll, poll + "&resourceVersion=" + old] {
            let answer = try await gateway.get(target)
            #expect(answer.status == 410)
            #expect(answer.json["reason"] == "Expired")
            #expect(answer.message.hasPrefix("too old resource version: "))
            #expect(answer.message.contains("poll with resourceVersion=0 to start the cursor"))
        }
        let new = try await gateway.get(maps + "?poll=true&cursor=new&resourceVersion=" + old)
        #expect(new.status == 410)
        let listed = try await gateway.get(TestGateway.cursors)
        #expect(listed.names == ["mine.of-system-3aadmin"])
        let over = try await gateway.get(poll + "&resourceVersion=0")
        #expect(over.events.count == 41)
        await gateway.stop()
    }

    @Test func `cursors are read and deleted, and written by nobody`() async throws {
        try await TestGateway.run { gateway in
            let position = try await gateway.create("a").revision
            try await gateway.create("b")
            _ = try await gateway.get(poll + "&resourceVersion=" + position)
            let cursor = try await gateway.get(object)
            #expect(cursor.json["kind"] == "WatchCursor")
            #expect(cursor.json["apiVersion"] == "binnacle.dev/v1")
            #expect(
                cursor.json["spec"] == [
                    "user": "system:admin", "cursor": "mine", "path": .string(maps),
                    "resource": "configmaps", "namespace": "default",
                ])
            #expect(cursor.json[path: "status", "acknowledged"]?.string == position)
            for method in ["PUT", "PATCH"] {
                let answer = try await gateway.ask(method, object, cursor.json)
                #expect(answer.status == 405)
            }
            let made = try await gateway.ask("POST", TestGateway.cursors, cursor.json)
            #expect(made.status == 405)
            let discovery = try await gateway.get("/apis/binnacle.dev/v1")
            let verbs = discovery.json["resources"]?[0]?["verbs"]
            #expect(verbs == ["delete", "deletecollection", "get", "list", "watch"])
            let removed = try await gateway.ask("DELETE", object)
            #expect(removed.status == 200)
            let gone = try await gateway.get(object)
            #expect(gone.status == 404)
        }
    }
}

extension TestGateway {
    /// Puts cursors of `system:admin` into the store, as if they had been made long ago, and waits
    /// until they are seen.
    fileprivate func storeCursors(count: Int) async throws {
        let operations = (0..<count).map { number in
            Storage.Operation.put(
                Key("binnacle.dev/watchcursors/c\(number)"),
                Bytes(
                    #"{"kind":"WatchCursor","apiVersion":"binnacle.dev/v1","#
                        + #""metadata":{"name":"c\#(number)"},"spec":{"user":"system:admin"}}"#))
        }
        let result = try await store.commit(Transaction(operations: operations))
        guard case .committed(let revision) = result else {
            Issue.record("\(result)")
            return
        }
        let seen = try await get(Self.cursors + "?resourceVersion=\(revision)")
        #expect(seen.names.count == count)
    }
}

extension TestAnswer {
    /// What a refusal says.
    var message: String { json["message"]?.string ?? "" }
}
