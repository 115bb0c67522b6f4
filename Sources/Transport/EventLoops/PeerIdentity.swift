// Who is at the other end of a stream, as far as the stream itself can tell.

import Buffers

/// Who is at the other end of a stream.
public indirect enum PeerIdentity: Hashable, Sendable {
    /// Nobody has said.
    case anonymous
    /// The peer holds the key of a certificate that an authority of clients has signed. It was
    /// valid when the stream began; whether it still is must be asked for each request.
    case certificate(PeerCertificate)
    /// The peer holds the key of a certificate that is not believed. Whoever authenticates must
    /// refuse it: it is no reason to treat the peer as one that showed nothing.
    case refused(PeerCertificate, PeerRefusal)
}

/// What a peer's certificate says.
public struct PeerCertificate: Hashable, Sendable {
    /// The last common name of the subject; empty when there is none.
    public let commonName: String
    /// The organizations of the subject, in order.
    public let organizations: [String]
    /// Seconds since 1970 in UTC after which the certificate is worthless.
    public let notAfter: Int64
    /// SHA-256 of the DER form.
    public let fingerprint: Bytes
    public let der: Bytes

    public init(
        commonName: String, organizations: [String], notAfter: Int64,
        _ forms: (fingerprint: Bytes, der: Bytes)
    ) {
        self.commonName = commonName
        self.organizations = organizations
        self.notAfter = notAfter
        fingerprint = forms.fingerprint
        der = forms.der
    }
}

/// Why a peer's certificate is not believed.
public enum PeerRefusal: Hashable, Sendable, CustomStringConvertible {
    case expired
    case notYetValid
    /// No authority that is known here has signed it, or the chain to it is not complete.
    case unknownAuthority
    /// It is made for something else than for showing who connects.
    case wrongPurpose
    case invalid(String)

    public var description: String {
        switch self {
        case .expired: "the certificate has expired"
        case .notYetValid: "the certificate is not valid yet"
        case .unknownAuthority: "the certificate is signed by an unknown authority"
        case .wrongPurpose: "the certificate is not made for clients"
        case .invalid(let reason): "the certificate is not valid: \(reason)"
        }
    }
}
