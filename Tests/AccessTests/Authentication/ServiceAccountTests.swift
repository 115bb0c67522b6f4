import APIModel
import Buffers
import Crypto
import JSON
import Testing
import WatchCache

@testable import Access

@Suite struct ServiceAccountTests {
    private static let now = WallTime(seconds: 1_800_000_000)
    private static let key = PrivateKey.generate(.p256)
    private static let issuer = ServiceAccountIssuer(
        key: key, issuer: "https://issuer.example", audiences: ["api", "other"])

    private static func object(_ uid: String, _ members: JSONObject = [:]) -> JSONValue {
        var object = members
        var metadata = members["metadata"]?.object ?? JSONObject()
        metadata["uid"] = .string(uid)
        object["metadata"] = .object(metadata)
        return .object(object)
    }

    /// A token of `ns/robot` that is perhaps bound to one thing.
    private static func token(
        _ bind: (inout ServiceAccountTokenSigner.Grant) -> Void = { _ in }
    ) -> Bytes {
        var grant = ServiceAccountTokenSigner.Grant(
            namespace: "ns", serviceAccount: .init(name: "robot", uid: "account-1"),
            audiences: ["api"], lifetime: .seconds(600))
        bind(&grant)
        return issuer.signer.issue(grant, now: now).token
    }

    /// Runs `body` where the account, a pod, a secret and a node are.
    private func run(
        _ body: (AccessRig, ServiceAccountAuthenticator) async throws -> Void
    ) async throws {
        try await AccessRig.run { rig in
            try await rig.put("core/serviceaccounts", "ns/robot", Self.object("account-1"))
            try await rig.put("core/pods", "ns/pod", Self.object("pod-1"))
            try await rig.put("core/secrets", "ns/secret", Self.object("secret-1"))
            try await rig.put("core/nodes", "node", Self.object("node-1"))
            try await body(rig, ServiceAccountAuthenticator(Self.issuer.verifier, rig.cache))
        }
    }

    private func outcome(
        _ token: Bytes, _ authenticator: some Authenticator, after seconds: Int64 = 0
    ) -> String {
        let now = Self.now + .seconds(seconds)
        switch authenticator.authenticate(Credentials(bearerToken: token), now: now) {
        case .user(let user, _): return user.name.string
        case .unknown: return "unknown"
        case .refused(let failure): return failure.reason
        }
    }

    private let robot = "system:serviceaccount:ns:robot"

    @Test func `a token is its account's until it expires`() async throws {
        try await run { _, authenticator in
            let token = Self.token()
            let found = authenticator.authenticate(
                Credentials(bearerToken: token), now: Self.now)
            guard case .user(let user, let until) = found else {
                Issue.record("\(found)")
                return
            }
            #expect(user.name.string == robot && user.uid == "account-1")
            #expect(
                user.groups == [
                    "system:serviceaccounts", "system:serviceaccounts:ns", "system:authenticated",
                ])
            #expect(until == Self.now + .seconds(600))
            #expect(outcome(token, authenticator, after: 599) == robot)
            #expect(outcome(token, authenticator, after: 600) == "expired_token")
        }
    }

    @Test func `what is changed in a token or comes from others is not believed`() async throws {
        try await run { _, authenticator in
            let token = Self.token()
            var bytes = token.array
            // Another letter of the alphabet, wherever the random signature has put which.
            let letter = bytes.count - 10
            bytes[letter] = UInt8(ascii: bytes[letter] == UInt8(ascii: "A") ? "B" : "A")
            #expect(outcome(Bytes(bytes), authenticator) == "wrong_signature")
            let stranger = ServiceAccountIssuer(
                key: .generate(.p256), issuer: "https://issuer.example", audiences: ["api"])
            let grant = ServiceAccountTokenSigner.Grant(
                namespace: "ns", serviceAccount: .init(name: "robot", uid: "account-1"),
                audiences: ["api"], lifetime: .seconds(600))
            let forged = stranger.signer.issue(grant, now: Self.now).token
            #expect(outcome(forged, authenticator) == "unknown_key")
            let foreign = ServiceAccountTokenSigner(issuer: "https://else.example", key: Self.key)
            #expect(outcome(foreign.issue(grant, now: Self.now).token, authenticator) == "unknown")
            let elsewhere = Self.token { $0.audiences = ["vault"] }
            #expect(outcome(elsewhere, authenticator) == "wrong_audience")
            #expect(outcome("a.b.c", authenticator) == "malformed_token")
            #expect(outcome("abc", authenticator) == "unknown")
        }
    }

    @Test(arguments: [
        ("core/serviceaccounts", "ns/robot"), ("core/pods", "ns/pod"),
        ("core/secrets", "ns/secret"), ("core/nodes", "node"),
    ])
    func `a token ends with what it is bound to`(resource: String, path: String) async throws {
        try await run { rig, authenticator in
            let token = Self.token { grant in
                switch resource {
                case "core/pods": grant.pod = .init(name: "pod", uid: "pod-1")
                case "core/secrets": grant.secret = .init(name: "secret", uid: "secret-1")
                case "core/nodes": grant.node = .init(name: "node", uid: "node-1")
                default: break
                }
            }
            let uid =
                resource == "core/serviceaccounts"
                ? "account-1" : "\(resource.dropFirst(5).dropLast())-1"
            #expect(outcome(token, authenticator) == robot)
            let ending = Timestamp(seconds: Self.now.seconds).description
            let deleted: JSONObject = ["metadata": ["deletionTimestamp": .string(ending)]]
            try await rig.put(resource, path, Self.object(uid, deleted))
            #expect(outcome(token, authenticator, after: 60) == robot, "it may say goodbye")
            #expect(outcome(token, authenticator, after: 61) == "revoked_token")
            try await rig.put(resource, path, Self.object("anew"))
            #expect(outcome(token, authenticator) == "revoked_token")
            try await rig.put(resource, path, nil)
            #expect(outcome(token, authenticator) == "revoked_token")
            try await rig.put(resource, path, Self.object(uid))
            #expect(outcome(token, authenticator) == robot)
        }
    }

    @Test func `a pod's token outlives its node`() async throws {
        try await run { rig, authenticator in
            let token = Self.token { grant in
                grant.pod = .init(name: "pod", uid: "pod-1")
                grant.node = .init(name: "node", uid: "node-1")
            }
            try await rig.put("core/nodes", "node", nil)
            #expect(outcome(token, authenticator) == robot)
        }
    }

    @Test func `many tokens push the oldest out and are known again`() async throws {
        var recent = RecentlyUsed<Int>(countMax: 8)
        for number in 0..<100 {
            recent.set(number, for: Bytes("\(number)"))
            #expect(recent.value(Bytes("\(number)")) == number)
            #expect(recent.value(Bytes("0")) == 0, "what is used stays")
        }
        let kept = (0..<100).filter { recent.value(Bytes("\($0)")) != nil }
        #expect(kept.count <= 8 && kept.count >= 4)
        #expect(kept.contains(99) && !kept.contains(50))
    }

    private static let tokenSecret = "0123456789abcdef"

    private static func bootstrap(_ data: [String: String], type: String? = nil) -> JSONValue {
        var all = [
            "token-id": "abcdef", "token-secret": tokenSecret,
            "usage-bootstrap-authentication": "true",
        ]
        for (name, value) in data { all[name] = value }
        let encoded = all.sorted { $0.key < $1.key }.map { name, value in
            (name, JSONValue.string(Base64.encode(value)))
        }
        return object(
            "s",
            [
                "type": .string(type ?? "bootstrap.kubernetes.io/token"),
                "data": .object(JSONObject(encoded)),
            ])
    }

    @Test(
        arguments: [
            ([:], "system:bootstrap:abcdef"),
            (
                ["auth-extra-groups": "system:bootstrappers:a,system:bootstrappers:b:c"],
                "system:bootstrap:abcdef"
            ),
            (["auth-extra-groups": "system:masters"], "malformed_token"),
            (["auth-extra-groups": "system:bootstrappers:"], "malformed_token"),
            (["auth-extra-groups": "system:bootstrappers:x-"], "malformed_token"),
            (["expiration": "2027-01-15T08:00:01Z"], "system:bootstrap:abcdef"),
            (["expiration": "2027-01-15T08:00:00Z"], "expired_token"),
            (["expiration": "soon"], "malformed_token"),
            (["usage-bootstrap-authentication": "false"], "unknown_token"),
            (["token-secret": "0123456789abcdeF"], "unknown"),
            (["token-id": "abcdeg"], "unknown"),
        ] as [([String: String], String)])
    func `a bootstrap token is what its secret says`(
        data: [String: String], expected: String
    ) async throws {
        try await AccessRig.run { rig in
            let path = "kube-system/bootstrap-token-abcdef"
            let authenticator = BootstrapTokenAuthenticator(rig.cache)
            let token = Bytes("abcdef.\(Self.tokenSecret)")
            #expect(outcome(token, authenticator) == "unknown")
            try await rig.put("core/secrets", path, Self.bootstrap(data))
            #expect(outcome(token, authenticator) == expected)
            #expect(outcome("abcdef.0123456789abcdee", authenticator) == "unknown")
            #expect(outcome(Bytes("abcdeF.\(Self.tokenSecret)"), authenticator) == "unknown")
            try await rig.put("core/secrets", path, Self.bootstrap(data, type: "Opaque"))
            #expect(outcome(token, authenticator) == "unknown")
        }
    }
}
