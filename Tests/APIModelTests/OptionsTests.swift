import APIModel
import Buffers
import JSON
import SeedTesting
import Testing

private func query(_ text: String) throws -> QueryItems { try QueryItems(parsing: Bytes(text)) }

/// What `body` is refused with.
private func refusal<Value>(_ body: () throws -> Value) -> APIStatus? {
    do {
        _ = try body()
        return nil
    } catch {
        return error as? APIStatus
    }
}

@Suite struct QueryItemsTests {
    @Test func `items are decoded in order`() throws {
        let items = try query("a=1&b=x%20y+z&a=2&c&&d=%C3%A9%3D=")
        #expect(items.items.map(\.name) == ["a", "b", "a", "c", "d"])
        #expect(items["a"] == "1")
        #expect(items.values("a") == ["1", "2"])
        #expect(items["b"] == "x y z")
        #expect(items["c"] == "")
        #expect(items["d"] == "é==")
        #expect(items["e"] == nil)
        #expect(try query("").isEmpty)
    }

    @Test(arguments: ["a=%", "a=%4", "a=%zz", "%g0=1", "a=%ff"])
    func `bad escapes are refused`(text: String) {
        #expect(refusal { try query(text) }?.code == 400)
    }

    @Test func `any bytes are read or refused`() {
        var random = SeededGenerator()
        let seed = random.seed
        for _ in 0..<5_000 {
            let bytes = (0..<Int.random(in: 0..<30, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            guard let items = try? QueryItems(parsing: Bytes(bytes)) else { continue }
            _ = try? ListOptions(items)
        }
    }
}

@Suite struct ListOptionsTests {
    @Test func `a query is read`() throws {
        let options = try ListOptions(
            query(
                """
                labelSelector=tier+in+%28a%2Cb%29&fieldSelector=metadata.name%3Dx&limit=5&\
                timeoutSeconds=30&resourceVersion=7&resourceVersionMatch=Exact
                """
            ))
        #expect(options.labelSelector.description == "tier in (a,b)")
        #expect(options.fieldSelector.description == "metadata.name=x")
        #expect(options.limit == 5)
        #expect(options.timeoutSeconds == 30)
        #expect(options.resourceVersion == 7)
        #expect(options.resourceVersionMatch == .exact)
        #expect(!options.watch)
    }

    @Test(arguments: [
        ("watch", true), ("watch=true", true), ("watch=1", true), ("watch=0", false),
        ("watch=FALSE", false), ("", false),
    ])
    func `a switch is on unless it says otherwise`(text: String, isOn: Bool) throws {
        #expect(try ListOptions(query(text)).watch == isOn)
    }

    @Test(arguments: [
        (
            "resourceVersionMatch=Exact",
            """
            resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless \
            resourceVersion is provided
            """
        ),
        (
            "resourceVersion=0&resourceVersionMatch=Exact",
            """
            resourceVersionMatch: Forbidden: resourceVersionMatch \"exact\" is forbidden for \
            resourceVersion \"0\"
            """
        ),
        (
            "resourceVersion=1&resourceVersionMatch=Near",
            """
            resourceVersionMatch: Unsupported value: \"Near\": supported values: \"Exact\", \
            \"NotOlderThan\", \"\"
            """
        ),
        (
            "resourceVersion=1&resourceVersionMatch=Exact&continue=x",
            """
            resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is \
            provided
            """
        ),
        (
            "sendInitialEvents=true",
            "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list"
        ),
        (
            "watch=1&sendInitialEvents=true",
            """
            resourceVersionMatch: Forbidden: sendInitialEvents requires setting \
            resourceVersionMatch to NotOlderThan
            """
        ),
        (
            "watch=1&resourceVersionMatch=NotOlderThan",
            """
            resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless \
            sendInitialEvents is provided
            """
        ),
        ("watch=1&poll=1", "poll: Forbidden: poll is forbidden when watch is set"),
        ("poll=1&continue=x", "poll: Forbidden: poll is forbidden when continue is provided"),
    ])
    func `what excludes each other is invalid`(text: String, error: String) {
        let status = refusal { try ListOptions(query(text)) }
        #expect(status?.code == 422)
        #expect(status?.message == "ListOptions.meta.k8s.io \"\" is invalid: \(error)")
        #expect(status?.details?.kind == "ListOptions")
    }

    @Test(arguments: [
        (
            "resourceVersion=abc",
            """
            invalid resource version: resourceVersion: Invalid value: \"abc\": \
            strconv.ParseUint: parsing \"abc\": invalid syntax
            """
        ),
        (
            "resourceVersion=99999999999999999999",
            """
            invalid resource version: resourceVersion: Invalid value: \"99999999999999999999\": \
            strconv.ParseUint: parsing \"99999999999999999999\": value out of range
            """
        ),
        (
            "resourceVersion=-1",
            """
            invalid resource version: resourceVersion: Invalid value: \"-1\": strconv.ParseUint: \
            parsing \"-1\": invalid syntax
            """
        ),
        ("limit=many", "strconv.ParseInt: parsing \"many\": invalid syntax"),
        (
            "labelSelector=a+b",
            "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"
        ),
    ])
    func `what cannot be read is a bad request`(text: String, message: String) {
        #expect(refusal { try ListOptions(query(text)) } == .badRequest(message))
    }

    @Test func `a list with initial events, and a poll with a cursor`() throws {
        let watch = try ListOptions(
            query(
                """
                watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&\
                allowWatchBookmarks=true
                """
            ))
        #expect(watch.sendInitialEvents == true)
        #expect(watch.allowWatchBookmarks)
        let poll = try ListOptions(query("poll=true&cursor=node-1&resourceVersion=0&limit=-1"))
        #expect(poll.poll)
        #expect(poll.cursor == "node-1")
        #expect(poll.resourceVersion == 0)
        #expect(poll.limit == nil)
        #expect(refusal { try ListOptions(query("poll=1&cursor=No!")) }?.code == 422)
        #expect(refusal { try ListOptions(query("poll=1&cursor=")) }?.code == 422)
        for text in ["cursor=mine", "watch=1&cursor=mine", "watch=1&poll=1&cursor=mine"] {
            #expect(refusal { try ListOptions(query(text)) } == .cursorNeedsPoll)
        }
    }

    @Test func `a page goes on from its token, and names no revision beside it`() throws {
        let token = ContinueToken(revision: 39099, start: "l-0\0")
        let options = try ListOptions(query("limit=3&continue=\(token.encoded)"))
        #expect(options.continueToken == token)
        #expect(
            refusal { try ListOptions(query("resourceVersion=5&continue=\(token.encoded)")) }
                == .badRequest("specifying resource version is not allowed when using continue"))
        #expect(
            try ListOptions(query("resourceVersion=0&continue=\(token.encoded)")).continueToken
                == token)
    }
}

@Suite struct ContinueTokenTests {
    @Test func `a token of Kubernetes' shape is read`() throws {
        let token = try ContinueToken(
            encoded: "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MzkwOTksInN0YXJ0IjoibC0wXHUwMDAwIn0")
        #expect(token == ContinueToken(revision: 39099, start: "l-0\0"))
    }

    @Test func `tokens survive being encoded`() throws {
        for start in [
            "a", "ns/é\0", "default/kube-root-ca.crt\0", String(repeating: "n", count: 253),
        ] {
            for revision in [1, 39099, UInt64(Int64.max), nil] {
                let token = ContinueToken(revision: revision, start: start)
                #expect(try ContinueToken(encoded: token.encoded) == token)
            }
        }
    }

    private func encoded(_ json: String) -> String {
        // Every third byte ends a group: pad the text with spaces and use the standard alphabet.
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        var bytes = Array(json.utf8)
        while bytes.count % 3 != 0 { bytes.append(UInt8(ascii: " ")) }
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<(start + 3)].reduce(0) { $0 << 8 | Int($1) }
            for shift in [18, 12, 6, 0] { text.append(alphabet[group >> shift & 63]) }
        }
        return text
    }

    @Test(arguments: [
        (
            #"{"v":"v0","rv":1,"start":"a"}"#,
            "server does not recognize this encoded version \"v0\""
        ),
        (
            #"{"v":"meta.k8s.io/v1","rv":0,"start":"a"}"#,
            "incorrect encoded start resourceVersion (version meta.k8s.io/v1)"
        ),
        (
            #"{"v":"meta.k8s.io/v1","rv":1,"start":""}"#,
            "encoded start key empty (version meta.k8s.io/v1)"
        ),
        (#"{"v":"meta.k8s.io/v1","rv":1,"start":"../x"}"#, "../x"),
        (#"{"v":"meta.k8s.io/v1","rv":1,"start":"/x"}"#, "/x"),
    ])
    func `a wrong token is refused with the reason`(json: String, reason: String) {
        #expect(
            refusal { try ContinueToken(encoded: encoded(json)) }
                == .badRequest("invalid continue token: continue key is not valid: \(reason)"))
    }

    @Test func `garbage is refused`() {
        let status = refusal { try ContinueToken(encoded: "garbage") }
        #expect(status?.code == 400)
        #expect(
            status?.message.hasPrefix("invalid continue token: continue key is not valid: ") == true
        )
        #expect(
            refusal { try ContinueToken(encoded: "a!b") }?.message.hasSuffix(
                "illegal base64 data at input byte 1") == true)
        #expect(refusal { try ContinueToken(encoded: String(repeating: "A", count: 5_000)) } != nil)
    }
}

@Suite struct WriteOptionsTests {
    @Test func `options of a write are read`() throws {
        let options = try WriteOptions(
            query("dryRun=All&fieldManager=m&fieldValidation=Strict&force=true"), for: .apply)
        #expect(options.isDryRun)
        #expect(options.fieldManager == "m")
        #expect(options.fieldValidation == .strict)
        #expect(options.force)
        #expect(try WriteOptions(query(""), for: .create).fieldValidation == .warn)
    }

    @Test(arguments: [
        (
            WriteOptions.Verb.create, "dryRun=Sometimes",
            """
            CreateOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: \
            [\"Sometimes\"]: supported values: \"All\"
            """
        ),
        (
            .update, "fieldValidation=No",
            """
            UpdateOptions.meta.k8s.io \"\" is invalid: fieldValidation: Unsupported value: \
            \"No\": supported values: \"\", \"Ignore\", \"Strict\", \"Warn\"
            """
        ),
        (
            .apply, "",
            """
            PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required \
            for apply patch
            """
        ),
        (
            .patch, "force=true",
            """
            PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for \
            non-apply patch
            """
        ),
        (
            .create, "fieldManager=a%07",
            """
            CreateOptions.meta.k8s.io \"\" is invalid: fieldManager: Invalid value: \"a\\a\": \
            invalid character U+0007 (at position 1)
            """
        ),
    ])
    func `wrong options are invalid`(verb: WriteOptions.Verb, text: String, message: String) {
        let status = refusal { try WriteOptions(query(text), for: verb) }
        #expect(status?.code == 422)
        #expect(status?.message == message)
    }

    @Test func `a manager's name has at most 128 bytes`() throws {
        let name = String(repeating: "m", count: 128)
        #expect(try WriteOptions(query("fieldManager=\(name)"), for: .update).fieldManager == name)
        #expect(
            refusal { try WriteOptions(query("fieldManager=\(name)m"), for: .update) }?.message
                .hasSuffix("fieldManager: Too long: may not be more than 128 bytes") == true)
    }
}

@Suite struct DeleteOptionsTests {
    @Test func `a body takes precedence over the query`() throws {
        let options = try DeleteOptions(
            query: query("gracePeriodSeconds=9"),
            body: [
                "kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0,
                "propagationPolicy": "Foreground", "dryRun": ["All"],
                "preconditions": ["uid": "u", "resourceVersion": "5"],
            ])
        #expect(options.gracePeriodSeconds == 0)
        #expect(options.propagation == .foreground)
        #expect(options.isDryRun)
        #expect(options.preconditions == .init(uid: "u", resourceVersion: "5"))
    }

    @Test func `without a body the query counts`() throws {
        let options = try DeleteOptions(
            query: query("gracePeriodSeconds=-5&propagationPolicy=Orphan"), body: nil)
        #expect(options.gracePeriodSeconds == 1)
        #expect(options.propagation == .orphan)
        #expect(
            try DeleteOptions(query: query("orphanDependents=false"), body: nil).orphanDependents
                == false)
    }

    @Test(
        arguments: [
            (["propagationPolicy": "Up"], 422),
            (["orphanDependents": true, "propagationPolicy": "Orphan"], 422),
            (["dryRun": ["x"]], 422), (["kind": "Pod"], 400), (["gracePeriodSeconds": "1"], 400),
            ([1], 400),
        ] as [(JSONValue, Int)])
    func `wrong options are refused`(body: JSONValue, code: Int) {
        #expect(refusal { try DeleteOptions(query: QueryItems(), body: body) }?.code == code)
    }

    @Test func `preconditions compare with the stored object`() throws {
        let meta = ObjectMeta(members: ["name": "one", "uid": "u", "resourceVersion": "5"])
        let kind = GroupKind(group: "", kind: "ConfigMap")
        try DeleteOptions.Preconditions(uid: "u", resourceVersion: "5").check(meta, kind)
        #expect(
            refusal { try DeleteOptions.Preconditions(uid: "v").check(meta, kind) }?.message
                == """
                Operation cannot be fulfilled on ConfigMap \"one\": the UID in the precondition \
                (v) does not match the UID in record (u). The object might have been deleted and \
                then recreated
                """
        )
        #expect(
            refusal { try DeleteOptions.Preconditions(resourceVersion: "4").check(meta, kind) }?
                .code
                == 409)
    }
}

@Suite struct GroupVersionTests {
    @Test func `an apiVersion is a version, or a group and a version`() {
        #expect(GroupVersion("v1") == GroupVersion(group: "", version: "v1"))
        #expect(GroupVersion("apps/v1") == GroupVersion(group: "apps", version: "v1"))
        for text in ["", "/", "apps/", "/v1", "a/b/c"] { #expect(GroupVersion(text) == nil) }
        #expect(GroupVersion("apps/v1")?.description == "apps/v1")
        #expect(
            GroupVersion("apps/v1")?.kind("Deployment").groupKind.description == "Deployment.apps")
        #expect(GroupVersion("v1")?.resource("pods").groupResource.description == "pods")
    }
}
