// Several kinds of credentials, one after the other.

import Crypto

/// Asks authenticators in their order; the first that knows the user counts, as in Kubernetes.
public struct AuthenticationChain: Sendable {
    private let authenticators: [any Authenticator]
    /// Whether those who show nothing are `User.anonymous`.
    private let admitsAnonymous: Bool

    public init(_ authenticators: [any Authenticator], admitsAnonymous: Bool) {
        self.authenticators = authenticators
        self.admitsAnonymous = admitsAnonymous
    }

    /// Who it is, in all groups, and when that ends.
    /// - Throws: why it is nobody: the last reason that an authenticator gave.
    public func authenticate(
        _ credentials: Credentials, now: WallTime
    ) throws(AuthenticationFailure) -> (user: User, until: WallTime?) {
        var failure: AuthenticationFailure?
        for authenticator in authenticators {
            switch authenticator.authenticate(credentials, now: now) {
            case .user(let user, let until): return (user.inGroupOfAuthenticated, until)
            case .unknown: continue
            case .refused(let reason): failure = reason
            }
        }
        if let failure { throw failure }
        if credentials.bearerToken != nil { throw .unknownToken }
        guard admitsAnonymous else { throw .noCredentials }
        return (.anonymous, nil)
    }
}

extension AuthenticationFailure {
    static let unknownToken = AuthenticationFailure(
        reason: "unknown_token", detail: "nobody knows the bearer token")
    static let noCredentials = AuthenticationFailure(
        reason: "no_credentials", detail: "no credentials, and nobody may be anonymous")
}

extension User {
    static let groupOfAuthenticated: ExactText = "system:authenticated"

    /// The same user, in the group that everybody is in who is known.
    var inGroupOfAuthenticated: User {
        guard name != User.anonymous.name, !groups.contains(Self.groupOfAuthenticated) else {
            return self
        }
        var user = self
        user.groups.append(Self.groupOfAuthenticated)
        return user
    }
}
