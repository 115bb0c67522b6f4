import Buffers
import Crypto
import JSON
import Testing

@testable import Access

private let rsa = TokenFixtures.key(TokenFixtures.rsaKey)
private let now = TokenFixtures.now

@Suite struct ServiceAccountTokenTests {
    private let signer = ServiceAccountTokenSigner(key: rsa)
    private let verifier = TokenFixtures.verifier(rsa)

    @Test func `a token says what was granted, and is believed`() throws {
        let issued = signer.issue(TokenFixtures.grant, now: now)
        let verified = try verifier.verify(issued.token, now: now)
        #expect(verified.claims == issued.claims)
        #expect(verified.audiences == [TokenFixtures.audience])
        let claims = verified.claims
        #expect(claims.issuer == ServiceAccountTokenSigner.defaultIssuer)
        #expect(claims.expiry == now + .seconds(3600))
        #expect(claims.warnAfter == now + .seconds(3000))
        #expect(claims.pod == .init(name: "pod-1", uid: "pod-uid"))
        #expect(signer.issue(TokenFixtures.grant, now: now).claims.id != claims.id)
    }

    @Test func `a token is laid out as Kubernetes does it`() throws {
        let issued = signer.issue(TokenFixtures.grant, now: now)
        let token = try JSONWebToken(issued.token)
        let expected = """
            {"aud":["https://kubernetes.default.svc.cluster.local"],"exp":1800003600,\
            "iat":1800000000,"iss":"https://kubernetes.default.svc.cluster.local",\
            "jti":"\(issued.claims.id)","kubernetes.io":{"namespace":"default",\
            "node":{"name":"node-1","uid":"node-uid"},"pod":{"name":"pod-1","uid":"pod-uid"},\
            "serviceaccount":{"name":"builder","uid":"account-uid"},"warnafter":1800003000},\
            "nbf":1800000000,"sub":"system:serviceaccount:default:builder"}
            """
        #expect(token.claims.description == expected)
        #expect(token.algorithm == "RS256")
        #expect(issued.claims.id.utf8.count == 36)
    }

    @Test func `its user is the service account, with what the token is bound to`() throws {
        let issued = signer.issue(TokenFixtures.grant, now: now)
        let user = try verifier.verify(issued.token, now: now).claims.user
        #expect(user.name == "system:serviceaccount:default:builder")
        #expect(user.uid == "account-uid")
        #expect(user.groups == ["system:serviceaccounts", "system:serviceaccounts:default"])
        #expect(
            user.extra == [
                "authentication.kubernetes.io/credential-id": ["JTI=\(issued.claims.id)"],
                "authentication.kubernetes.io/pod-name": ["pod-1"],
                "authentication.kubernetes.io/pod-uid": ["pod-uid"],
                "authentication.kubernetes.io/node-name": ["node-1"],
                "authentication.kubernetes.io/node-uid": ["node-uid"],
            ])
    }

    @Test func `a token counts from its first second to the one before its last`() throws {
        let token = signer.issue(TokenFixtures.grant, now: now).token
        _ = try verifier.verify(token, now: now + .seconds(3599))
        #expect(throws: TokenError.expired) {
            try verifier.verify(token, now: now + .seconds(3600))
        }
        // Another gateway's clock may be ahead by a minute.
        _ = try verifier.verify(token, now: now - .seconds(60))
        #expect(throws: TokenError.notYetValid) {
            try verifier.verify(token, now: now - .seconds(61))
        }
    }

    @Test func `a token counts for its audiences only`() throws {
        var grant = TokenFixtures.grant
        grant.audiences = ["vault", "registry"]
        let token = signer.issue(grant, now: now).token
        #expect(throws: TokenError.wrongAudience(["vault", "registry"])) {
            try verifier.verify(token, now: now)
        }
        let verified = try verifier.verify(token, for: ["other", "registry"], now: now)
        #expect(verified.audiences == ["registry"])
        #expect(throws: TokenError.self) { try verifier.verify(token, for: [], now: now) }
    }

    @Test func `a token of another issuer is told apart before its signature is checked`() {
        let elsewhere = ServiceAccountTokenSigner(
            issuer: "https://elsewhere", key: .generate(.p256))
        let token = elsewhere.issue(TokenFixtures.grant, now: now).token
        #expect(throws: TokenError.foreignIssuer("https://elsewhere")) {
            try verifier.verify(token, now: now)
        }
        let impostor = ServiceAccountTokenSigner(key: .generate(.p256))
        #expect(throws: TokenError.self) {
            try verifier.verify(impostor.issue(TokenFixtures.grant, now: now).token, now: now)
        }
    }

    @Test func `tokens of an earlier key and an earlier issuer still count`() throws {
        let newer = PrivateKey.generate(.p256)
        let verifier = ServiceAccountTokenVerifier(
            issuers: ["https://new", TokenFixtures.audience],
            keys: TokenKeys([newer.publicKey, rsa.publicKey]), audiences: [TokenFixtures.audience])
        _ = try verifier.verify(signer.issue(TokenFixtures.grant, now: now).token, now: now)
        let renamed = ServiceAccountTokenSigner(issuer: "https://new", key: newer)
        _ = try verifier.verify(renamed.issue(TokenFixtures.grant, now: now).token, now: now)
    }

    /// Each has one claim that is missing or wrong; all of them are signed with the right key.
    @Test(arguments: [
        ("exp", "null"), ("exp", "\"soon\""), ("exp", "1e400"), ("nbf", "[]"), ("iat", "{}"),
        ("aud", "[]"), ("aud", "[7]"), ("aud", "null"), ("jti", "7"),
        ("sub", "\"system:serviceaccount:default:other\""), ("sub", "\"admin\""),
        ("kubernetes.io", "null"), ("kubernetes.io", "{\"namespace\":\"default\"}"),
        (
            "kubernetes.io",
            #"{"namespace":"default","serviceaccount":{"name":"builder"}}"#
        ),
        (
            "kubernetes.io",
            #"{"namespace":"default","serviceaccount":{"name":"builder","uid":"u"},"pod":"p"}"#
        ),
        (
            "kubernetes.io",
            #"{"namespace":"default","serviceaccount":{"name":"builder","uid":"u"},"#
                + #""pod":{"name":"p"}}"#
        ),
    ])
    func `claims that make no sense are refused`(name: String, value: String) throws {
        var claims = try JSONWebToken(signer.issue(TokenFixtures.grant, now: now).token).claims
        claims[name] = try JSONValue(parsing: Bytes(value))
        let token = JSONWebToken.sign(claims, with: rsa)
        do {
            _ = try verifier.verify(token, now: now)
            Issue.record("believed")
        } catch {
            guard case .malformed = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test func `one audience may stand without a list, and times may have fractions`() throws {
        var claims = try JSONWebToken(signer.issue(TokenFixtures.grant, now: now).token).claims
        claims["aud"] = .string(TokenFixtures.audience)
        claims["exp"] = 1_800_000_100.5
        let token = JSONWebToken.sign(claims, with: rsa)
        let verified = try verifier.verify(token, now: now)
        #expect(verified.claims.expiry == now + .seconds(100))
    }
}

@Suite struct TokenKeysTests {
    /// `openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary | base64`, in the alphabet
    /// for URLs.
    @Test func `a key is named by the digest of its SubjectPublicKeyInfo`() {
        let key = TokenKey(rsa.publicKey)
        #expect(key.id == "b9E8JDWjYefFiM0X9V9a098Bd6ZsFyemogCEX016uIw")
        #expect(key.algorithm == "RS256")
    }

    @Test func `the key set shows the numbers of the RFC`() {
        let p256 = TokenFixtures.key(TokenFixtures.p256Key)
        let keys = TokenKeys([rsa.publicKey, p256.publicKey, rsa.publicKey])
        let shown = keys.jsonWebKeySet["keys"]
        #expect(shown?.array?.count == 2)
        #expect(shown?[0]?["e"] == "AQAB")
        #expect(shown?[0]?["n"]?.string?.hasPrefix("ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_") == true)
        #expect(shown?[0]?["kid"]?.string == TokenKey(rsa.publicKey).id)
        #expect(shown?[1]?["crv"] == "P-256")
        #expect(shown?[1]?["x"] == "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")
        #expect(shown?[1]?["y"] == "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")
        #expect(shown?[1]?["kty"] == "EC" && shown?[0]?["kty"] == "RSA")
    }

    @Test func `discovery names the issuer, the keys and the algorithms`() {
        let keys = TokenKeys([rsa.publicKey, PrivateKey.generate(.rsa).publicKey])
        let document = keys.discoveryDocument(
            issuer: "https://i", keySetURL: "https://s/openid/v1/jwks")
        let expected: JSONValue = [
            "issuer": "https://i", "jwks_uri": "https://s/openid/v1/jwks",
            "response_types_supported": ["id_token"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        ]
        #expect(document == expected)
    }
}
