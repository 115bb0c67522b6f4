// Clients who show a certificate.

import Buffers
import Crypto

/// Takes the common name of a client's certificate for the user and its organizations for the
/// groups, as Kubernetes does. Whether an authority vouches for it was found out when the
/// connection began; whether it has expired since is found out here.
public struct CertificateAuthenticator: Authenticator {
    public init() {}

    public func authenticate(_ credentials: Credentials, now: WallTime) -> Authentication {
        if let refusal = credentials.certificateRefusal { return .refused(refusal) }
        guard let certificate = credentials.certificate else { return .unknown }
        guard now <= certificate.notAfter else {
            return .refused(
                AuthenticationFailure(
                    reason: "certificate_expired",
                    detail: "the certificate of \(certificate.commonName.debugDescription) "
                        + "has expired since the connection began"))
        }
        guard !certificate.commonName.isEmpty else {
            return .refused(
                AuthenticationFailure(
                    reason: "certificate_nameless",
                    detail: "the certificate has no common name: it names no user"))
        }
        let user = User(
            name: certificate.commonName, groups: certificate.organizations,
            extra: [User.credentialID: ["X509SHA256=\(certificate.fingerprint.hexadecimal)"]])
        return .user(user, until: certificate.notAfter)
    }
}

extension User {
    /// The name under which `extra` says which credentials were shown.
    static let credentialID = "authentication.kubernetes.io/credential-id"
}

extension Bytes {
    /// Two small digits a byte.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: array.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self)
    }
}
