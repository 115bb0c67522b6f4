// The end of a server: everybody who waits is answered, and knows where to go on.

import APIServer
import HTTPTesting
import JSON
import Testing

@Suite(.timeLimit(.minutes(5))) struct EndingTests {
    private let maps = TestGateway.configMaps

    @Test func `watches end with a bookmark, if they want them, and with the last chunk`()
        async throws
    {
        try await TestGateway.run { gateway in
            let revision = try await gateway.create("a").revision
            let position = "&resourceVersion=" + revision
            let marked = "?watch=1&allowWatchBookmarks=true"
            let wanting = [
                try await gateway.watch(maps + marked + position),
                try await gateway.watch("/api/v1/configmaps" + marked + position),
                try await gateway.watch(maps + marked + "&labelSelector=x%3Dy" + position),
            ]
            let plain = try await gateway.watch(maps + "?watch=1" + position)
            let newest = try await gateway.create("b", labels: ["x": "z"]).revision
            for watch in [wanting[0], wanting[1], plain] {
                #expect(await watch.next(1) == ["ADDED b"])
            }
            await gateway.beginToStop()
            for watch in wanting {
                let bookmark = await watch.next()
                #expect(bookmark["type"] == "BOOKMARK")
                #expect(bookmark[path: "object", "metadata", "resourceVersion"]?.string == newest)
                #expect(await watch.size() == "0\r\n")
            }
            #expect(await plain.size() == "0\r\n")
        }
    }

    @Test func `one that has not read ends where it is, without a bookmark that skips`()
        async throws
    {
        try await TestGateway.run { gateway in
            let revision = try await gateway.create("first").revision
            let query = "?watch=1&allowWatchBookmarks=true&resourceVersion=" + revision
            let watch = try await gateway.watch(maps + query, roomByteCount: 4096)
            let large = JSONValue.string(String(repeating: "x", count: 60_000))
            for number in 0..<12 { try await gateway.create("m\(number)", data: ["text": large]) }
            try await gateway.wait { $0.watchers("behind") == 1 }
            await gateway.beginToStop()
            await watch.makeRoom()
            var seen: [String] = []
            while let event = await watch.nextIfAny() {
                #expect(event["type"] == "ADDED")
                seen.append(event[path: "object", "metadata", "name"]?.string ?? "")
            }
            // What was on its way comes whole and in order; the client resumes behind it.
            #expect(seen == (0..<seen.count).map { "m\($0)" })
            #expect(!seen.isEmpty && seen.count < 12)
        }
    }

    @Test func `polls and conditional reads are answered`() async throws {
        try await TestGateway.run { gateway in
            let revision = try await gateway.create("a").revision
            func begin(_ target: String, _ fields: [String] = []) async throws -> Client {
                let client = try gateway.connect()
                await client.send(gateway.request("GET", target, fields: fields))
                return client
            }
            let position = "&timeoutSeconds=100&resourceVersion=" + revision
            let poll = try await begin(maps + "?poll=true" + position)
            let filtered = try await begin(maps + "?poll=true&labelSelector=x%3Dy" + position)
            let wait = ["If-None-Match: \"\(revision)\"", "Prefer: wait=100"]
            let object = try await begin(maps + "/a", wait)
            let list = try await begin(maps, wait)
            try await gateway.wait { figures in
                let counts = ["POLL", "GET", "LIST"].map { verb in
                    let labels = "verb=\"\(verb)\",group=\"\",resource=\"configmaps\""
                    return figures["apiserver_longrunning_requests{\(labels)}"]
                }
                return counts == [2, 1, 1]
            }
            await gateway.beginToStop()
            for client in [poll, filtered] {
                let answer = TestAnswer(await client.receiveAnswer())
                #expect(answer.status == 200 && answer.json["items"]?.array?.isEmpty == true)
                #expect(UInt64(answer.revision)! >= UInt64(revision)!)
            }
            for client in [object, list] {
                #expect(TestAnswer(await client.receiveAnswer()).status == 304)
            }
            let ready = try await gateway.get("/readyz")
            #expect(ready.status == 503 && ready.body.contains("[-]shutdown failed"))
        }
    }
}
