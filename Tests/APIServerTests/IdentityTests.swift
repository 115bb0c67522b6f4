import APIServer
import Access
import Buffers
import Crypto
import HTTPTesting
import JSON
import Storage
import Testing

/// Tokens of service accounts, and who one is.
@Suite struct IdentityTests {
    private static let account = "/api/v1/namespaces/default/serviceaccounts/robot"
    private static let reviews = "/apis/authentication.k8s.io/v1/tokenreviews"
    private static let selfReview = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    private static let robot = "system:serviceaccount:default:robot"

    /// Runs `body` with a gateway that makes tokens, and the account `robot`.
    private func run(_ body: (TestGateway) async throws -> Void) async throws {
        let issuer = ServiceAccountIssuer(
            key: .generate(.p256), issuer: "https://issuer.example", audiences: [])
        let gateway = try await TestGateway(makesDefaultRoles: true) {
            $0.identity.serviceAccounts = issuer
        }
        try await gateway.run { gateway in
            try await gateway.ask(
                "POST", "/api/v1/namespaces/default/serviceaccounts",
                ["metadata": ["name": "robot"]])
            try await body(gateway)
        }
    }

    private func request(
        _ gateway: TestGateway, _ spec: JSONValue = [:]
    ) async throws -> TestAnswer {
        try await gateway.ask("POST", Self.account + "/token", ["spec": spec])
    }

    private func token(_ gateway: TestGateway, _ spec: JSONValue = [:]) async throws -> String {
        let answer = try await request(gateway, spec)
        return try #require(answer.json[path: "status", "token"]?.string, "\(answer.body)")
    }

    @Test func `only who may write is asked for what is to be written`() async throws {
        try await run { gateway in
            let maps = "/api/v1/namespaces/default/configmaps"
            let robot = try await token(gateway)
            func begin(_ credentials: [String]) async throws -> String {
                let client = try Client(gateway.secureAddress)
                let fields = ["Expect: 100-continue", "Content-Length: 3000000"] + credentials
                await client.send(gateway.request("POST", maps, fields: fields))
                let answer = await client.receive(until: "\r\n\r\n")
                await client.close()
                return answer
            }
            let bearer = "Authorization: Bearer \(robot)"
            #expect(try await begin([]).hasPrefix("HTTP/1.1 403 "))
            #expect(try await begin([bearer]).hasPrefix("HTTP/1.1 403 "))
            #expect(try await begin([bearer + "x"]).hasPrefix("HTTP/1.1 401 "))
            let figures = try await gateway.figures()
            #expect(figures["authentication_attempts{result=\"failure\"}"] == 1)
            let rule: JSONValue = [
                "apiGroups": [""], "resources": ["configmaps"], "verbs": ["create"],
            ]
            try await gateway.grant(Self.robot, [rule], in: "default")
            #expect(try await begin([bearer]) == "HTTP/1.1 100 Continue\r\n\r\n")
            #expect(
                try await begin([bearer, "Impersonate-User: bob"]).hasPrefix("HTTP/1.1 403 "))
        }
    }

    @Test func `a token is made as it was asked for`() async throws {
        try await run { gateway in
            let answer = try await request(gateway, ["expirationSeconds": 600])
            #expect(answer.status == 201)
            let object = answer.json
            #expect(object["kind"] == "TokenRequest")
            #expect(object["apiVersion"] == "authentication.k8s.io/v1")
            #expect(
                object["spec"] == [
                    "audiences": ["https://issuer.example"], "expirationSeconds": 600,
                    "boundObjectRef": .null,
                ])
            #expect(object[path: "status", "expirationTimestamp"] == "2026-01-01T00:26:40Z")
            let token = try #require(object[path: "status", "token"]?.string)
            let asked = try await gateway.caller(token).ask("POST", Self.selfReview, [:])
            #expect(asked.status == 201)
            #expect(asked.json[path: "status", "userInfo", "username"] == .string(Self.robot))
            #expect(
                asked.json[path: "status", "userInfo", "groups"] == [
                    "system:serviceaccounts", "system:serviceaccounts:default",
                    "system:authenticated",
                ])
        }
    }

    @Test(
        arguments: [
            (["expirationSeconds": 599], 422, "may not specify a duration less than 10 minutes"),
            (["expirationSeconds": 4_294_967_297], 422, "larger than 2^32 seconds"),
            (
                ["boundObjectRef": ["kind": "ConfigMap", "apiVersion": "v1", "name": "x"]], 400,
                "cannot bind token to object of type v1, Kind=ConfigMap"
            ),
            (
                ["boundObjectRef": ["kind": "Pod", "apiVersion": "v1", "name": "x"]], 404,
                "pods \"x\" not found"
            ),
            (
                [
                    "boundObjectRef": [
                        "kind": "Secret", "apiVersion": "v1", "name": "s", "uid": "u",
                    ]
                ], 409,
                "the UID in the bound object reference (u) does not match"
            ),
        ] as [(JSONValue, Int, String)])
    func `what cannot be granted is refused`(
        spec: JSONValue, status: Int, message: String
    ) async throws {
        try await run { gateway in
            try await gateway.ask(
                "POST", "/api/v1/namespaces/default/secrets", ["metadata": ["name": "s"]])
            let answer = try await request(gateway, spec)
            #expect(answer.status == status)
            #expect(answer.json["message"]?.string?.contains(message) == true, "\(answer.body)")
        }
    }

    @Test func `a node gets tokens for its own pods`() async throws {
        try await run { gateway in
            let node = ["Impersonate-User: system:node:one", "Impersonate-Group: system:nodes"]
            var found: [Int] = []
            for place in ["one", "two"] {
                let container: JSONValue = ["name": "c", "image": "i"]
                let pod = try await gateway.ask(
                    "POST", "/api/v1/namespaces/default/pods",
                    [
                        "metadata": ["name": .string("on-\(place)")],
                        "spec": [
                            "nodeName": .string(place), "serviceAccountName": "robot",
                            "containers": [container],
                        ],
                    ]
                ).json
                let reference: JSONValue = [
                    "kind": "Pod", "apiVersion": "v1", "name": .string("on-\(place)"),
                    "uid": pod[path: "metadata", "uid"] ?? .null,
                ]
                let answer = try await gateway.ask(
                    "POST", Self.account + "/token", ["spec": ["boundObjectRef": reference]],
                    fields: node)
                found.append(answer.status)
            }
            #expect(found == [201, 403])
        }
    }

    @Test func `an account that is not there gets no token`() async throws {
        try await run { gateway in
            let target = "/api/v1/namespaces/default/serviceaccounts/none/token"
            let answer = try await gateway.ask("POST", target, ["spec": [:]])
            #expect(answer.status == 404)
            #expect(answer.json["message"] == "serviceaccounts \"none\" not found")
            let read = try await gateway.get(Self.account + "/token")
            #expect(read.status == 405)
        }
    }

    @Test func `a token ends with the secret that it is bound to`() async throws {
        try await run { gateway in
            let secrets = "/api/v1/namespaces/default/secrets"
            try await gateway.ask("POST", secrets, ["metadata": ["name": "s"]])
            let reference: JSONValue = ["kind": "Secret", "apiVersion": "v1", "name": "s"]
            let token = try await token(gateway, ["boundObjectRef": reference])
            let caller = gateway.caller(token)
            let before = try await caller.ask("POST", Self.selfReview, [:]).status
            #expect(before == 201)
            try await gateway.ask("DELETE", secrets + "/s")
            let after = try await caller.ask("POST", Self.selfReview, [:]).status
            #expect(after == 401)
            let figures = try await gateway.figures()
            let reason = "binnacle_authentication_failures_total{reason=\"revoked_token\"}"
            #expect(figures[reason] == 1)
        }
    }

    /// A review is not kept: it has no owners and, but for one kind, no time.
    @Test func `an answered review has no metadata that nobody gave it`() async throws {
        try await run { gateway in
            let sent: JSONValue = [
                "metadata": [
                    "name": "mine", "creationTimestamp": "2000-01-01T00:00:00Z",
                    "managedFields": [],
                ],
                "spec": ["token": "nobody's"],
            ]
            let review = try await gateway.ask("POST", Self.reviews, sent)
            #expect(review.status == 201)
            #expect(review.json["metadata"] == ["name": "mine"])
            let own = try await gateway.ask(
                "POST", Self.selfReview, ["metadata": sent["metadata"] ?? [:]])
            #expect(own.json["metadata"] == ["creationTimestamp": "2026-01-01T00:16:40Z"])
        }
    }

    @Test func `a token is somebody else's as a review says`() async throws {
        try await run { gateway in
            let token = try await token(gateway, ["audiences": ["vault", "api"]])
            func review(_ token: String, _ audiences: [JSONValue]) async throws -> JSONValue {
                let spec: JSONValue = ["token": .string(token), "audiences": .array(audiences)]
                let answer = try await gateway.ask("POST", Self.reviews, ["spec": spec])
                #expect(answer.status == 201)
                return answer.json["status"] ?? .null
            }
            let good = try await review(token, ["else", "vault"])
            #expect(good["authenticated"] == true && good["audiences"] == ["vault"])
            #expect(good[path: "user", "username"] == .string(Self.robot))
            for (token, audiences) in [(token, []), (token, ["else"]), ("nonsense", [])]
                as [(String, [JSONValue])]
            {
                let bad = try await review(token, audiences)
                #expect(bad["authenticated"] == nil && bad["user"] == [:])
                #expect(bad["error"]?.string?.isEmpty == false)
            }
            let empty = try await gateway.ask("POST", Self.reviews, ["spec": ["token": ""]])
            #expect(empty.status == 400)
        }
    }

    @Test func `a watch and a poll end when their token does`() async throws {
        try await run { gateway in
            let everything: JSONValue = ["apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]]
            try await gateway.grant(Self.robot, [everything])
            let caller = gateway.caller(try await token(gateway, ["expirationSeconds": 600]))
            await gateway.advance(seconds: 550)
            let now = "resourceVersion=\(try await gateway.store.currentRevision())"
            let maps = TestGateway.configMaps
            let watch = try await caller.watch(maps + "?watch=true&allowWatchBookmarks=1&\(now)")
            async let poll = caller.get(
                maps + "?poll=true&fieldSelector=metadata.name%3Dnone&timeoutSeconds=300&\(now)")
            let isWaiting =
                "apiserver_longrunning_requests{verb=\"POLL\",group=\"\","
                + "resource=\"configmaps\"}"
            try await gateway.wait { $0[isWaiting] == 1 }
            try await gateway.create("seen")
            let seen = await watch.next()
            #expect(seen["type"] == "ADDED")
            await gateway.advance(seconds: 49)
            let figures = try await gateway.figures()
            #expect(figures[isWaiting] == 1)
            await gateway.advance(seconds: 2)
            let polled = try await poll
            #expect(polled.status == 200 && polled.json["items"] == [])
            let last = await watch.next()
            #expect(last["type"] == "BOOKMARK")
            let end = await watch.nextIfAny()
            #expect(end == nil)
            let late = try await caller.get(TestGateway.configMaps).status
            #expect(late == 401)
            await watch.close()
        }
    }

    @Test func `others find the keys to check tokens with`() async throws {
        try await run { gateway in
            let token = try await token(gateway)
            let caller = gateway.caller(token)
            let configuration = try await caller.get("/.well-known/openid-configuration")
            #expect(configuration.json["issuer"] == "https://issuer.example")
            #expect(configuration.json["jwks_uri"] == "https://localhost/openid/v1/jwks")
            let keys = try await caller.get("/openid/v1/jwks")
            #expect(keys.field("Content-Type") == "application/jwk-set+json")
            #expect(keys.json["keys"]?.array?.count == 1)
        }
        try await TestGateway.run { gateway in
            let missing = try await gateway.get("/openid/v1/jwks").status
            #expect(missing == 404)
        }
    }

    @Test func `one acts in another's name with the right to`() async throws {
        try await run { gateway in
            let caller = gateway.caller(try await token(gateway))
            let fields = ["Impersonate-User: bob", "Impersonate-Extra-a%2Fb: c"]
            let refused = try await caller.ask("POST", Self.selfReview, [:], fields: fields)
            #expect(refused.status == 403)
            #expect(
                refused.json["message"]
                    == .string(
                        "users \"bob\" is forbidden: User \"\(Self.robot)\" cannot impersonate "
                            + "resource \"users\" in API group \"\" at the cluster scope"))
            let rule: JSONValue = [
                "apiGroups": ["*"], "resources": ["users", "userextras/a/b"],
                "verbs": ["impersonate"],
            ]
            try await gateway.grant(Self.robot, [rule])
            let allowed = try await caller.ask("POST", Self.selfReview, [:], fields: fields)
            #expect(
                allowed.json[path: "status", "userInfo"] == [
                    "username": "bob", "groups": ["system:authenticated"],
                    "extra": ["a/b": ["c"]],
                ])
            let nobody = try await caller.ask(
                "POST", Self.selfReview, [:], fields: ["Impersonate-Group: g"])
            #expect(nobody.status == 400)
        }
    }
}
