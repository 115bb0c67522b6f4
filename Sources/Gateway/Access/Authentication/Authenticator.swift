// Who sends a request.

import Crypto

/// What a request shows of who sends it.
public struct Credentials: Sendable {
    /// The subject of a certificate that the authorities of clients vouched for when the connection
    /// began.
    public struct Certificate: Hashable, Sendable {
        public let commonName: String
        public let organizations: [String]
        public let notAfter: WallTime

        public init(commonName: String, organizations: [String], notAfter: WallTime) {
            self.commonName = commonName
            self.organizations = organizations
            self.notAfter = notAfter
        }
    }

    public var certificate: Certificate?
    /// What follows `Bearer` in the `Authorization` field (RFC 6750, section 2.1).
    public var bearerToken: String?

    public init(certificate: Certificate? = nil, bearerToken: String? = nil) {
        self.certificate = certificate
        self.bearerToken = bearerToken
    }
}

/// What an authenticator finds out.
public enum Authentication: Hashable, Sendable {
    /// Who it is, and when that ends: `nil` when it does not end by itself. The groups that every
    /// user is in, such as `system:authenticated`, are added by `AuthenticationChain`.
    case user(User, until: WallTime?)
    /// These are no credentials of this kind; another authenticator may know them.
    case unknown
    /// Credentials of this kind, which are not good.
    case refused(AuthenticationFailure)
}

/// Why credentials are not good. Never holds the credentials.
public struct AuthenticationFailure: Error, Hashable, Sendable {
    /// What is counted: one of a few words, such as `expired` or `unknown_token`.
    public let reason: String
    /// What is logged.
    public let detail: String

    public init(reason: String, detail: String) {
        self.reason = reason
        self.detail = detail
    }
}

/// Knows one kind of credentials. Answers from memory, on the loop of the request: it never waits.
public protocol Authenticator: Sendable {
    func authenticate(_ credentials: Credentials, now: WallTime) -> Authentication
}
