// Who sends a request.

import Buffers
import Crypto

/// What a request shows of who sends it.
public struct Credentials: Sendable {
    /// The subject of a certificate that the authorities of clients vouched for when the connection
    /// began.
    public struct Certificate: Hashable, Sendable {
        public let commonName: String
        public let organizations: [String]
        public let notAfter: WallTime
        /// SHA-256 of the DER form.
        public let fingerprint: Bytes

        public init(
            commonName: String, organizations: [String], notAfter: WallTime, fingerprint: Bytes
        ) {
            self.commonName = commonName
            self.organizations = organizations
            self.notAfter = notAfter
            self.fingerprint = fingerprint
        }
    }

    public var certificate: Certificate?
    /// Why the certificate that was shown is not believed.
    public var certificateRefusal: AuthenticationFailure?
    /// What follows `Bearer` in the `Authorization` field; see `BearerToken`.
    public var bearerToken: Bytes?

    public init(certificate: Certificate? = nil, bearerToken: Bytes? = nil) {
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

/// The token in an `Authorization` field.
public enum BearerToken {
    private static let scheme: StaticString = "bearer"

    /// What follows the word `Bearer` in any case (RFC 6750, section 2.1), up to the next space;
    /// `nil` for an empty token and for another scheme, which counts as no credentials.
    public static func read(_ field: Bytes) -> Bytes? {
        let range: Range<Int>? = field.withUnsafeBytes { text in
            let space = UInt8(ascii: " ")
            let start = text.firstIndex { $0 != space } ?? text.count
            guard text.count - start > scheme.utf8CodeUnitCount else { return nil }
            let word = text[start...].prefix(scheme.utf8CodeUnitCount)
            // Setting this bit turns capital letters into small ones, and no other byte into one
            // of these.
            let isBearer = scheme.withUTF8Buffer { $0.elementsEqual(word.lazy.map { $0 | 0x20 }) }
            guard isBearer, text[word.endIndex] == space else { return nil }
            guard let token = text[word.endIndex...].firstIndex(where: { $0 != space }) else {
                return nil
            }
            return token..<(text[token...].firstIndex(of: space) ?? text.count)
        }
        return range.map { field[$0] }
    }
}
