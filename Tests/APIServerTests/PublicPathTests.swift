import APIServer
import Access
import JSON
import Testing

/// Every path of the API, asked by people without rights.
@Suite struct PublicPathTests {
    /// What Kubernetes' role `system:public-info-viewer` shows to everybody.
    private static let everybodys: Set<String> = [
        "GET /healthz", "GET /livez", "GET /readyz", "GET /version", "GET /version/",
    ]

    /// What `system:discovery` and `system:basic-user` give to those who are known. A discovery
    /// path ends with what it lists.
    private static func isForEverybodyKnown(_ request: String) -> Bool {
        let parts = request.split(separator: " ").map(String.init)
        let segments = parts[1].split(separator: "/")
        if parts[0] == "GET" {
            switch segments.first {
            case "openapi": return true
            case "api": return segments.count <= 2
            case "apis": return segments.count <= 3
            default: return everybodys.contains(request)
            }
        }
        return [
            "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            "POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
            "POST /apis/authentication.k8s.io/v1/selfsubjectreviews",
        ].contains(request)
    }

    private func run(
        anonymous: Bool = true, _ body: (TestGateway, [String]) async throws -> Void
    ) async throws {
        let file = TemporaryTokenFile("token,nobody,1\n")
        var identity = try file.identity()
        identity.admitsAnonymous = anonymous
        let gateway = try await TestGateway(makesDefaultRoles: true) { [identity] in
            $0.identity = identity
        }
        try await gateway.run { try await body($0, try await requests(of: $0)) }
    }

    /// Each method of each path that OpenAPI, discovery and the root document name, and what a
    /// guess might find.
    private func requests(of gateway: TestGateway) async throws -> [String] {
        var requests: Set<String> = []
        let index = try await gateway.get("/openapi/v3").json
        for (_, document) in index["paths"]?.object ?? [:] {
            let url = try #require(document["serverRelativeURL"]?.string)
            let paths = try await gateway.get(url).json["paths"]?.object ?? [:]
            for (template, item) in paths {
                let path = template.split(separator: "/").map {
                    $0.hasPrefix("{") ? "thing" : String($0)
                }
                for (method, _) in item.object ?? [:] where method != "parameters" {
                    requests.insert("\(method.uppercased()) /" + path.joined(separator: "/"))
                }
            }
        }
        #expect(requests.count > 150)
        for path in try await gateway.get("/").json["paths"]?.array ?? [] {
            let path = try #require(path.string)
            requests.formUnion(["GET", "POST", "DELETE"].map { "\($0) \(path)" })
        }
        requests.formUnion(try await discovered(gateway))
        let guesses = [
            "/", "/metrics", "/logs", "/debug/pprof/", "/healthz/ping", "/readyz/ping", "/version/",
            "/api/v1/nothing", "/api/v2", "/apis/none.example", "/apis/none.example/v1/things/x",
            "/.well-known/openid-configuration", "/openid/v1/jwks", "/nonsense",
            "/apis/apps/v1/x/y",
        ]
        requests.formUnion(guesses.map { "GET \($0)" })
        return requests.sorted()
    }

    /// Each verb of each resource of discovery.
    private func discovered(_ gateway: TestGateway) async throws -> [String] {
        let methods = [
            "get": "GET", "list": "GET", "watch": "GET", "create": "POST", "update": "PUT",
            "patch": "PATCH", "delete": "DELETE", "deletecollection": "DELETE",
        ]
        var requests: [String] = []
        let roots = try await gateway.get("/").json["paths"]?.array ?? []
        for root in roots.compactMap(\.string) where root.hasSuffix("/v1") && root.hasPrefix("/api")
        {
            for resource in try await gateway.get(root).json["resources"]?.array ?? [] {
                let parts = (resource["name"]?.string ?? "").split(separator: "/")
                let space = resource["namespaced"] == true ? "/namespaces/thing" : ""
                let whole = "\(root)\(space)/\(parts[0])"
                let one = "\(whole)/thing" + (parts.count > 1 ? "/\(parts[1])" : "")
                for verb in (resource["verbs"]?.array ?? []).compactMap(\.string) {
                    let isWhole = ["list", "watch", "deletecollection"].contains(verb)
                    let target = isWhole || verb == "create" && parts.count == 1 ? whole : one
                    let query = verb == "watch" ? "?watch=true&timeoutSeconds=1" : ""
                    requests.append("\(try #require(methods[verb])) \(target)\(query)")
                }
            }
        }
        #expect(requests.count > 80)
        return requests
    }

    private func ask(_ request: String, _ caller: Caller) async throws -> TestAnswer {
        let parts = request.split(separator: " ", maxSplits: 1).map(String.init)
        return try await caller.ask(parts[0], parts[1], parts[0] == "GET" ? nil : [:])
    }

    @Test func `those who show nothing see the public paths and nothing else`() async throws {
        try await run { gateway, requests in
            let anonymous = gateway.caller(nil)
            for request in requests {
                let status = try await ask(request, anonymous).status
                let expected = Self.everybodys.contains(request) ? 200 : 403
                #expect(status == expected, "\(request)")
            }
        }
    }

    @Test func `those who are known see discovery, too`() async throws {
        try await run { gateway, requests in
            let nobody = gateway.caller("token")
            for request in requests {
                let status = try await ask(request, nobody).status
                if Self.isForEverybodyKnown(request) {
                    #expect(status != 401 && status != 403, "\(request)")
                } else {
                    #expect(status == 403, "\(request)")
                }
            }
        }
    }

    @Test func `without anonymous users nothing is public`() async throws {
        try await run(anonymous: false) { gateway, requests in
            for request in requests {
                let status = try await ask(request, gateway.caller(nil)).status
                #expect(status == 401, "\(request)")
            }
        }
    }

    @Test func `the answer to bad credentials is the API's`() async throws {
        try await run { gateway, _ in
            let answer = try await gateway.caller("wrong").get("/healthz")
            #expect(answer.status == 401)
            #expect(
                answer.json == [
                    "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure",
                    "message": "Unauthorized", "reason": "Unauthorized", "code": 401,
                ])
            let figures = try await gateway.figures()
            let reason = "binnacle_authentication_failures_total{reason=\"unknown_token\"}"
            #expect(figures[reason] == 1)
            #expect(figures["authentication_attempts{result=\"failure\"}"] == 1)
        }
    }
}
