// The parts of authentication, put together.

import APIModel
import Crypto
import JSON
import WatchCache

/// By what users are known.
public struct IdentityOptions: Sendable {
    /// Whether those who show nothing are `User.anonymous`.
    public var admitsAnonymous = true
    public var tokenFile: TokenFile?
    /// `nil` when service accounts get no tokens.
    public var serviceAccounts: ServiceAccountIssuer?
    public var takesBootstrapTokens = false

    public init() {}
}

/// Who makes the tokens of service accounts, and which are believed.
public struct ServiceAccountIssuer: Sendable {
    public let signer: ServiceAccountTokenSigner
    public let verifier: ServiceAccountTokenVerifier
    /// - Parameter audiences: those of this API; empty stands for the issuer itself.
    public init(key: PrivateKey, issuer: String, audiences: [String]) {
        signer = ServiceAccountTokenSigner(issuer: issuer, key: key)
        verifier = ServiceAccountTokenVerifier(
            issuers: [issuer], keys: TokenKeys([key.publicKey]),
            audiences: audiences.isEmpty ? [issuer] : audiences)
    }

    /// What `/.well-known/openid-configuration` answers.
    /// - Parameter authority: the host and port by which the client reaches the server.
    public func configuration(at authority: String) -> JSONValue {
        verifier.keys.discoveryDocument(
            issuer: signer.issuer, keySetURL: "https://\(authority)/openid/v1/jwks")
    }

    /// What `/openid/v1/jwks` answers.
    public var keySet: JSONValue { verifier.keys.jsonWebKeySet }
}

/// Who is who, by the options and the objects of one cache.
public struct IdentityControl: Sendable {
    /// Finds out who sends a request.
    public let chain: AuthenticationChain
    /// Answer the kinds of authentication.k8s.io.
    public let reviews: [GroupKind: any VirtualHandler]

    /// - Precondition: `cache` holds service accounts, pods, secrets and nodes.
    public init(
        _ options: IdentityOptions, _ cache: Cache, now: @escaping @Sendable () -> WallTime
    ) {
        let accounts = options.serviceAccounts.map {
            ServiceAccountAuthenticator($0.verifier, cache)
        }
        var others: [any Authenticator] = []
        if let file = options.tokenFile { others.append(file) }
        if options.takesBootstrapTokens { others.append(BootstrapTokenAuthenticator(cache)) }
        var all: [any Authenticator] = [CertificateAuthenticator()]
        if let accounts { all.append(accounts) }
        chain = AuthenticationChain(all + others, admitsAnonymous: options.admitsAnonymous)
        let audiences =
            options.serviceAccounts?.verifier.audiences ?? [
                ServiceAccountTokenSigner.defaultIssuer
            ]
        func kind(_ name: String) -> GroupKind {
            GroupKind(group: "authentication.k8s.io", kind: name)
        }
        var reviews: [GroupKind: any VirtualHandler] = [
            kind("SelfSubjectReview"): SelfSubjectReview(now: now),
            kind("TokenReview"): TokenReview(
                others: AuthenticationChain(others, admitsAnonymous: false), accounts: accounts,
                audiences: audiences, now: now),
        ]
        if let issuer = options.serviceAccounts {
            reviews[kind("TokenRequest")] = TokenRequest(
                signer: issuer.signer, audiences: audiences, objects: LivingObjects(cache),
                now: now)
        }
        self.reviews = reviews
    }
}
