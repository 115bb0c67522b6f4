import APIServer
import HTTPTesting
import JSON
import Testing

@Suite struct ReadingTests {
    private let maps = TestGateway.configMaps

    @Test func `an object is answered with its revision as the entity tag`() async throws {
        try await TestGateway.run { gateway in
            let created = try await gateway.create("a", data: ["x": "1"])
            let revision = created.json[path: "metadata", "resourceVersion"]?.string ?? ""
            let answer = try await gateway.get(maps + "/a")
            #expect(answer.status == 200)
            #expect(answer.json == created.json)
            #expect(answer.field("ETag") == "\"\(revision)\"")
            let head = try await gateway.ask("HEAD", maps + "/a")
            #expect(head.status == 200 && head.body.isEmpty)
        }
    }

    @Test func `pages of a list show one state, whatever is written between them`() async throws {
        try await TestGateway.run { gateway in
            for name in ["a", "b", "c", "d", "e"] { try await gateway.create(name) }
            let first = try await gateway.get(maps + "?limit=2")
            #expect(first.names == ["a", "b"])
            #expect(first.json[path: "metadata", "remainingItemCount"]?.int == 3)
            try await gateway.create("bb")
            _ = try await gateway.ask("DELETE", maps + "/d")
            let second = try await gateway.get(maps + "?limit=2&continue=" + first.continueToken)
            #expect(second.names == ["c", "d"])
            let third = try await gateway.get(maps + "?limit=2&continue=" + second.continueToken)
            #expect(third.names == ["e"])
            #expect(third.continueToken.isEmpty)
            let revisions = [first, second, third].map(\.revision)
            #expect(Set(revisions).count == 1)
        }
    }

    @Test func `a list at an exact revision shows what was there then`() async throws {
        try await TestGateway.run { gateway in
            try await gateway.create("a")
            let then = try await gateway.get(maps).revision
            try await gateway.create("b")
            let query = "?resourceVersionMatch=Exact&resourceVersion="
            let found1 = try await gateway.get(maps + query + then).names
            #expect(found1 == ["a"])
            let found2 = try await gateway.get(maps).names
            #expect(found2 == ["a", "b"])
        }
    }

    @Test func `selectors choose by labels and fields`() async throws {
        try await TestGateway.run { gateway in
            try await gateway.create("a", labels: ["tier": "x"])
            try await gateway.create("b", labels: ["tier": "y", "n": "4"])
            try await gateway.create("c")
            let cases = [
                "labelSelector=tier%3Dx": ["a"], "labelSelector=tier!%3Dx": ["b", "c"],
                "labelSelector=tier+in+(x,y)": ["a", "b"], "labelSelector=!tier": ["c"],
                "labelSelector=n%3E3": ["b"], "labelSelector=tier+notin+(x)": ["b", "c"],
                "fieldSelector=metadata.name%3Db": ["b"],
                "fieldSelector=metadata.name!%3Db": ["a", "c"],
                "fieldSelector=metadata.namespace%3Dother": [],
            ]
            for (query, names) in cases {
                let found3 = try await gateway.get(maps + "?" + query).names
                #expect(found3 == names, "\(query)")
            }
            let unknown = try await gateway.get(maps + "?fieldSelector=data.a%3D1")
            #expect(unknown.status == 400)
        }
    }

    @Test func `a conditional read waits for a change and answers with it`() async throws {
        try await TestGateway.run { gateway in
            try await gateway.create("a")
            let tag = try await gateway.get(maps + "/a").field("ETag") ?? ""
            let fields = ["If-None-Match: \(tag)"]
            let found4 = try await gateway.get(maps + "/a", fields: fields).status
            #expect(found4 == 304)
            let client = try gateway.connect()
            let waiting = fields + ["Prefer: wait=60"]
            await client.send(gateway.request("GET", maps + "/a", fields: waiting))
            try await gateway.merge(["data": ["x": "2"]], into: maps + "/a")
            let answer = TestAnswer(await client.receiveAnswer())
            #expect(answer.status == 200)
            #expect(answer.json[path: "data", "x"] == "2")
        }
    }

    @Test func `a conditional read that sees no change ends with 304`() async throws {
        try await TestGateway.run { gateway in
            try await gateway.create("a")
            let tag = try await gateway.get(maps).field("ETag") ?? ""
            let client = try gateway.connect()
            let fields = ["If-None-Match: \(tag)", "Prefer: wait=5"]
            await client.send(gateway.request("GET", maps, fields: fields))
            // Another request on the same loop: the first one is waiting by now.
            _ = try await gateway.get("/version")
            await gateway.advance(seconds: 6)
            #expect(TestAnswer(await client.receive(until: "\r\n\r\n")).status == 304)
        }
    }

    @Test func `a list is not read again while what changes is not in it`() async throws {
        try await TestGateway.run { gateway in
            try await gateway.create("a", labels: ["tier": "x"])
            let query = maps + "?labelSelector=tier%3Dx"
            let tag = try await gateway.get(query).field("ETag") ?? ""
            let newest = try await gateway.create("b").revision
            let same = try await gateway.get(query, fields: ["If-None-Match: \(tag)"])
            #expect(same.status == 304)
            // With this one the client need not go back as far the next time.
            #expect(same.field("ETag") == "\"\(newest)\"")
            let all = try await gateway.get(maps, fields: ["If-None-Match: \(tag)"])
            #expect(all.status == 200 && all.names == ["a", "b"])
            _ = try await gateway.ask("DELETE", maps + "/a")
            let gone = try await gateway.get(query, fields: ["If-None-Match: \"\(newest)\""])
            #expect(gone.status == 200 && gone.names.isEmpty)
        }
    }

    @Test func `an entity tag that was never given is not that of the present state`() async throws
    {
        try await TestGateway.run { gateway in
            try await gateway.create("a")
            let later = try await gateway.get(maps, fields: ["If-None-Match: \"99999\""])
            #expect(later.status == 200)
            let then = try await gateway.get(maps).revision
            try await gateway.create("b")
            let exactly = maps + "?resourceVersionMatch=Exact&resourceVersion=" + then
            let other = try await gateway.get(exactly, fields: ["If-None-Match: \"1\""])
            #expect(other.status == 200 && other.names == ["a"])
            let same = try await gateway.get(exactly, fields: ["If-None-Match: \"\(then)\""])
            #expect(same.status == 304)
        }
    }

    @Test func `a revision that is not there yet is refused with advice to retry`() async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.get(maps + "?resourceVersion=99999")
            #expect(answer.status == 504)
            #expect(answer.field("Retry-After") == "1")
            let causes = answer.json[path: "details", "causes"]
            #expect(causes?[0]?["reason"] == "ResourceVersionTooLarge")
        }
    }
}

extension TestAnswer {
    /// The names of a list's items.
    var names: [String] {
        (json["items"]?.array ?? []).compactMap { $0[path: "metadata", "name"]?.string }
    }

    var revision: String { json[path: "metadata", "resourceVersion"]?.string ?? "" }
    var continueToken: String { json[path: "metadata", "continue"]?.string ?? "" }
}
