import APIModel
import Buffers
import Crypto
import Testing

@testable import Access

/// Knows one token.
private struct OneToken: Authenticator {
    let token: Bytes
    let answer: Authentication

    func authenticate(_ credentials: Credentials, now: WallTime) -> Authentication {
        credentials.bearerToken == token ? answer : .unknown
    }
}

@Suite struct ChainTests {
    private let now = WallTime(seconds: 1_000_000)
    private let bob = User(name: "bob", groups: ["dev"])

    private func certificate(_ name: String = "ann", until: Int64 = 2_000_000) -> Credentials {
        Credentials(
            certificate: Credentials.Certificate(
                commonName: name, organizations: ["ops"], notAfter: WallTime(seconds: until),
                fingerprint: Bytes([0x0a, 0xff])))
    }

    private func chain(anonymous: Bool = true) -> AuthenticationChain {
        AuthenticationChain(
            [
                CertificateAuthenticator(),
                OneToken(token: "good", answer: .user(bob, until: nil)),
                OneToken(
                    token: "old",
                    answer: .refused(AuthenticationFailure(reason: "expired_token", detail: ""))),
            ], admitsAnonymous: anonymous)
    }

    private func reason(_ credentials: Credentials, anonymous: Bool = true) -> String? {
        do {
            _ = try chain(anonymous: anonymous).authenticate(credentials, now: now)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func `a certificate names its user and groups, until it expires`() throws {
        let (user, until) = try chain().authenticate(certificate(), now: now)
        #expect(user.name == "ann")
        #expect(user.groups == ["ops", "system:authenticated"])
        #expect(
            user.extra == ["authentication.kubernetes.io/credential-id": ["X509SHA256=0aff"]])
        #expect(until == WallTime(seconds: 2_000_000))
        #expect(reason(certificate(until: 999_999)) == "certificate_expired")
        #expect(reason(certificate("")) == "certificate_nameless")
    }

    @Test func `a certificate comes before a token`() throws {
        var both = certificate()
        both.bearerToken = "good"
        #expect(try chain().authenticate(both, now: now).user.name == "ann")
        both.bearerToken = "wrong"
        #expect(try chain().authenticate(both, now: now).user.name == "ann")
    }

    @Test func `a certificate that is refused leaves the token, and makes nobody anonymous`() throws
    {
        var credentials = Credentials(bearerToken: "good")
        credentials.certificateRefusal = AuthenticationFailure(reason: "forged", detail: "")
        #expect(try chain().authenticate(credentials, now: now).user.name == "bob")
        credentials.bearerToken = nil
        #expect(reason(credentials) == "forged")
        credentials.bearerToken = "wrong"
        #expect(reason(credentials) == "forged")
    }

    @Test func `a token that nobody knows is not the same as none`() throws {
        #expect(reason(Credentials(bearerToken: "wrong")) == "unknown_token")
        #expect(reason(Credentials(bearerToken: "old")) == "expired_token")
        #expect(try chain().authenticate(Credentials(), now: now).user == .anonymous)
        #expect(reason(Credentials(), anonymous: false) == "no_credentials")
    }

    @Test(arguments: [
        ("Bearer abc", "abc"), ("bearer abc", "abc"), ("BEARER   abc", "abc"),
        ("Bearer abc def", "abc"), ("Bearer ", nil), ("Bearer", nil), ("", nil), ("abc", nil),
        ("Basic abc", nil), ("Bearerabc", nil),
    ])
    func `the token is what follows the word`(field: String, token: String?) {
        #expect(BearerToken.read(Bytes(field)) == token.map { Bytes($0) })
    }
}

@Suite struct ImpersonationTests {
    /// Notes what it is asked, and allows what is not in `forbidden`.
    private struct Asked: Authorizer {
        let forbidden: Set<String>

        func decide(_ attributes: AccessAttributes) -> AccessDecision {
            guard case .resource(_, _, let resource, _, _, let name) = attributes.subject,
                attributes.verb == "impersonate", !forbidden.contains("\(resource)/\(name)")
            else { return .noOpinion(reason: "") }
            return .allowed(reason: "")
        }

        func rules(for user: User, in namespace: String) -> ResolvedRules { ResolvedRules() }
    }

    private let root = Requester(User(name: "root"), until: WallTime(seconds: 5))

    private func user(_ impersonation: Impersonation) throws -> User {
        try impersonation.apply(to: root, Asked(forbidden: [])).user
    }

    @Test func `users get the groups that authentication would add`() throws {
        let bob = try user(Impersonation(userName: "bob"))
        #expect(bob.groups == ["system:authenticated"])
        let anonymous = try user(Impersonation(userName: "system:anonymous"))
        #expect(anonymous.groups == ["system:unauthenticated"])
        let robot = try user(Impersonation(userName: "system:serviceaccount:ns:robot"))
        #expect(
            robot.groups == [
                "system:serviceaccounts", "system:serviceaccounts:ns", "system:authenticated",
            ])
        let chosen = try user(Impersonation(userName: "system:serviceaccount:ns:r", groups: ["g"]))
        #expect(chosen.groups == ["g", "system:authenticated"])
    }

    @Test(arguments: [
        "users/bob", "groups/dev", "uids/7", "userextras/v2",
    ])
    func `each part must be allowed`(forbidden: String) throws {
        let impersonation = Impersonation(
            userName: "bob", uid: "7", groups: ["ops", "dev"], extra: ["k": ["v1", "v2"]])
        let whole = try impersonation.apply(to: root, Asked(forbidden: []))
        #expect(whole.user.extra == ["k": ["v1", "v2"]] && whole.user.uid == "7")
        #expect(whole.impersonator?.name == "root" && whole.until == root.until)
        let refusal = #expect(throws: APIStatus.self) {
            try impersonation.apply(to: root, Asked(forbidden: [forbidden]))
        }
        #expect(refusal?.code == 403)
        let resource = try #require(forbidden.split(separator: "/").first)
        #expect(refusal?.message.contains("cannot impersonate resource \"\(resource)") == true)
    }

    @Test func `a service account is impersonated as one`() {
        let impersonation = Impersonation(userName: "system:serviceaccount:ns:robot")
        let refusal = #expect(throws: APIStatus.self) {
            try impersonation.apply(to: root, Asked(forbidden: ["serviceaccounts/robot"]))
        }
        #expect(
            refusal?.message
                == """
                serviceaccounts "robot" is forbidden: User "root" cannot impersonate resource \
                "serviceaccounts" in API group "" in the namespace "ns"
                """)
    }
}
