import APIServer
import Access
import JSON
import Testing

/// Somebody who may do everything in one namespace tries to get at another one's secret.
@Suite struct NamespaceBoundaryTests {
    private static let marker = "dGhlIG1hcmtlcg=="
    private static let other = "/api/v1/namespaces/other/secrets"

    /// Runs `body` with ann, who may do everything in `mine`, and with root.
    private func run(
        _ body: (TestGateway, _ ann: Caller, _ root: Caller) async throws -> Void
    ) async throws {
        let file = TemporaryTokenFile("ann-token,ann,1\nroot-token,root,2,system:masters\n")
        let identity = try file.identity()
        let gateway = try await TestGateway { $0.identity = identity }
        try await gateway.run { gateway in
            for namespace in ["mine", "other"] {
                try await gateway.ask(
                    "POST", "/api/v1/namespaces", ["metadata": ["name": .string(namespace)]])
            }
            for (namespace, name) in [("other", "hidden"), ("other", "second"), ("mine", "own")] {
                let value = namespace == "other" ? Self.marker : "b3du"
                try await gateway.ask(
                    "POST", "/api/v1/namespaces/\(namespace)/secrets",
                    ["metadata": ["name": .string(name)], "data": ["k": .string(value)]])
            }
            let everything: JSONValue = [
                "apiGroups": ["*"], "resources": ["*"], "verbs": ["*"],
            ]
            try await gateway.grant("ann", [everything], in: "mine")
            try await body(
                gateway, gateway.caller("ann-token"), gateway.caller("root-token"))
        }
    }

    private static let table = "Accept: application/json;as=Table;v=v1;g=meta.k8s.io"
    private static let metadata =
        "Accept: application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
    private static let oneMetadata =
        "Accept: application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"

    /// Every way to ask for what is in `other`.
    private static let targets = [
        other + "/hidden", other, other + "?limit=1", "/api/v1/secrets",
        other + "?watch=true&timeoutSeconds=1", "/api/v1/secrets?watch=1&timeoutSeconds=1",
        "/api/v1/secrets?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
        "/api/v1/watch/namespaces/other/secrets?timeoutSeconds=1",
        "/api/v1/watch/namespaces/other/secrets/hidden?timeoutSeconds=1",
        "/api/v1/watch/secrets?timeoutSeconds=1",
        other + "?poll=true", other + "?poll=true&resourceVersion=1",
        other + "?poll=true&cursor=c", other + "?poll=true&cursor=c&resourceVersion=1",
        "/api/v1/secrets?poll=true", "/api/v1/secrets?poll=true&resourceVersion=1",
        "/api/v1/secrets?fieldSelector=metadata.namespace%3Dmine",
        "/api/v1/secrets?fieldSelector=metadata.namespace%3Dother",
        "/api/v1/secrets?fieldSelector=metadata.name%3Down",
        "/api/v1/secrets?fieldSelector=metadata.namespace%3Dmine&watch=true&timeoutSeconds=1",
        "/api/v1/secrets?fieldSelector=metadata.namespace%3Dmine&poll=true",
        "/api/v1/secrets?labelSelector=!none",
        other + "?resourceVersion=0", other + "?resourceVersion=1&resourceVersionMatch=Exact",
        "/api/v1/namespaces/%6fther/secrets/hidden", "/api/v1/namespaces/mine%2F..%2Fother/secrets",
        "/api/v1/namespaces/mine/../other/secrets/hidden", "/api/v1/namespaces//secrets",
        "//api/v1/namespaces/other/secrets/hidden", "/api/v1//namespaces/other/secrets/hidden",
        "/api/v1/namespaces/other/secrets/hidden/", "/api/v1/namespaces/other",
        "/api/v1/namespaces",
    ]

    @Test(arguments: [
        [], [table], [metadata], [oneMetadata], ["If-None-Match: \"1\"", "Prefer: wait=1"],
        ["Accept-Encoding: gzip"],
    ])
    func `no way to read leads to another namespace`(fields: [String]) async throws {
        try await run { _, ann, root in
            for target in Self.targets {
                let refused = try await ann.get(target, fields: fields)
                #expect(refused.status == 403 || refused.status == 404, "\(target)")
                #expect(!refused.body.contains(Self.marker), "\(target)")
                #expect(!refused.body.contains("hidden\":"), "\(target)")
                let head = try await ann.ask("HEAD", target, fields: fields)
                #expect(head.status == 403 || head.status == 404, "HEAD \(target)")
            }
            let known = try await root.get(Self.other, fields: fields)
            #expect([200, 304].contains(known.status))
        }
    }

    @Test func `what is found in one's own namespace is served`() async throws {
        try await run { _, ann, _ in
            let own = "/api/v1/namespaces/mine/secrets"
            for target in [
                own, own + "/own", own + "?poll=true", own + "?poll=true&cursor=c",
                "/api/v1/namespaces/mine",
            ] {
                let answer = try await ann.get(target)
                #expect(answer.status == 200, "\(target)")
            }
            let watch = try await ann.watch(own + "?watch=true")
            let seen = await watch.next(1)
            #expect(seen == ["ADDED own"])
            await watch.close()
        }
    }

    @Test func `messages are those of the API`() async throws {
        try await run { _, ann, _ in
            let one = try await ann.get(Self.other + "/hidden").json
            #expect(
                one["message"]
                    == """
                    secrets "hidden" is forbidden: User "ann" cannot get resource "secrets" in API \
                    group "" in the namespace "other"
                    """)
            #expect(one["reason"] == "Forbidden" && one["code"] == 403)
            #expect(one["details"] == ["name": "hidden", "kind": "secrets"])
            let all = try await ann.get("/api/v1/secrets?watch=true").json
            #expect(
                all["message"]
                    == """
                    secrets is forbidden: User "ann" cannot watch resource "secrets" in API group \
                    "" at the cluster scope
                    """)
            let namespace = try await ann.get("/api/v1/namespaces/other").json
            #expect(
                namespace["message"]
                    == """
                    namespaces "other" is forbidden: User "ann" cannot get resource "namespaces" \
                    in API group "" in the namespace "other"
                    """)
        }
    }

    @Test func `somebody else's continue token leads nowhere`() async throws {
        try await run { _, ann, root in
            for target in ["/api/v1/secrets", Self.other] {
                let page = try await root.get(target + "?limit=1").json
                let token = try #require(page[path: "metadata", "continue"]?.string)
                let refused = try await ann.get(target + "?limit=1&continue=\(token)")
                #expect(refused.status == 403)
                let own = try await ann.get(
                    "/api/v1/namespaces/mine/secrets?limit=9&continue=\(token)")
                #expect(!own.body.contains(Self.marker) && !own.body.contains("hidden"))
            }
        }
    }

    @Test func `a cursor opens no other namespace`() async throws {
        try await run { _, ann, root in
            let mine = "/api/v1/namespaces/mine/secrets?poll=true&cursor=shared"
            let theirs = Self.other + "?poll=true&cursor=shared"
            for (caller, target, status) in [
                (ann, mine, 200), (root, theirs, 200), (ann, theirs, 403), (root, mine, 409),
            ] {
                let answer = try await caller.get(target)
                #expect(answer.status == status, "\(target)")
            }
            let cursors = try await root.get("/apis/binnacle.dev/v1/watchcursors").json
            let names = (cursors["items"]?.array ?? []).compactMap {
                $0[path: "metadata", "name"]?.string
            }
            #expect(names == ["shared.of-ann", "shared.of-root"])
        }
    }

    @Test func `nothing can be written elsewhere`() async throws {
        try await run { _, ann, root in
            let object: JSONValue = ["metadata": ["name": "hidden"], "data": ["k": "eA=="]]
            let merge = ["Content-Type: application/merge-patch+json"]
            for dryRun in ["", "?dryRun=All"] {
                for (method, target, fields) in [
                    ("POST", Self.other, []), ("PUT", Self.other + "/hidden", []),
                    ("PATCH", Self.other + "/hidden", merge),
                    ("DELETE", Self.other + "/hidden", []),
                    ("DELETE", Self.other, []), ("POST", "/api/v1/namespaces", []),
                    ("DELETE", "/api/v1/namespaces/other", []),
                ] as [(String, String, [String])] {
                    let refused = try await ann.ask(
                        method, target + dryRun, object, fields: fields)
                    #expect(refused.status == 403, "\(method) \(target)")
                }
            }
            let moved = try await ann.ask(
                "POST", "/api/v1/namespaces/mine/secrets",
                ["metadata": ["name": "x", "namespace": "other"]])
            #expect(moved.status == 400)
            let untouched = try await root.get(Self.other + "/hidden")
            #expect(untouched.body.contains(Self.marker))
        }
    }

    @Test func `a role for one name writes no other one`() async throws {
        try await run { gateway, _, root in
            let maps = "/api/v1/namespaces/mine/configmaps"
            let rule: JSONValue = [
                "apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["own"],
                "verbs": ["*"],
            ]
            try await gateway.grant("bob", [rule], in: "mine")
            _ = try await root.ask("POST", maps, ["metadata": ["name": "own"]])
            _ = try await root.ask("POST", maps, ["metadata": ["name": "another"]])
            let bob = ["Impersonate-User: bob"]
            let watched = "/api/v1/watch/namespaces/mine/configmaps/own"
            let selected = maps + "?fieldSelector=metadata.name%3Down"
            for (method, target, status) in [
                ("POST", maps, 403), ("POST", watched, 405), ("PUT", watched, 405),
                ("DELETE", watched, 405), ("DELETE", maps, 403), ("POST", selected, 403),
                ("GET", maps + "/own", 200), ("GET", maps + "/another", 403), ("GET", maps, 403),
                ("GET", selected, 200), ("DELETE", selected, 200),
            ] {
                let answer = try await gateway.ask(
                    method, target, method == "GET" ? nil : ["metadata": ["name": "third"]],
                    fields: bob)
                #expect(answer.status == status, "\(method) \(target)")
            }
            let rest = try await root.get(maps).json
            let names = (rest["items"]?.array ?? []).compactMap {
                $0[path: "metadata", "name"]?.string
            }
            #expect(names == ["another"])
        }
    }

    @Test func `a poll takes what it shows, and a cursor takes both`() async throws {
        try await run { gateway, _, _ in
            let maps = "/api/v1/namespaces/mine/configmaps?poll=true"
            try await gateway.ask(
                "POST", "/api/v1/namespaces/mine/configmaps", ["metadata": ["name": "seen"]])
            for (user, verb) in [("lister", "list"), ("watcher", "watch")] {
                let rule: JSONValue = [
                    "apiGroups": [""], "resources": ["configmaps"], "verbs": [.string(verb)],
                ]
                try await gateway.grant(user, [rule], in: "mine")
            }
            func status(_ user: String, _ query: String) async throws -> Int {
                let name = ["Impersonate-User: \(user)"]
                return try await gateway.get(maps + query, fields: name).status
            }
            let now = "&resourceVersion=1"
            let found = [
                try await status("lister", ""), try await status("lister", now),
                try await status("lister", "&cursor=c"), try await status("watcher", ""),
                try await status("watcher", "&resourceVersion=0"),
                try await status("watcher", "&cursor=c"),
                try await status("watcher", now),
            ]
            #expect(found == [200, 403, 403, 403, 403, 403, 200])
        }
    }
}
