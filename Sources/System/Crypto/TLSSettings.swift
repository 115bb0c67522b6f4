// What the two sides of TLS are set up with.

import Buffers

/// A certificate with what leads to its authority, and its key, as PEM (RFC 7468).
public struct TLSCertificate: Sendable {
    /// The certificate first, then each one's issuer.
    public let chain: Bytes
    /// PKCS #8, PKCS #1 or SEC 1; not encrypted.
    public let key: Bytes

    public init(chain: Bytes, key: Bytes) {
        self.chain = chain
        self.key = key
    }
}

/// What a server's sessions are set up with.
public struct TLSServerSettings: Sendable {
    /// The first one whose names match the server name that a client asks for is shown
    /// (RFC 6066, 3); the first of all when none does, or none is asked for.
    public var certificates: [TLSCertificate]
    /// Authorities of clients, as PEM. Nil: clients are not asked for certificates.
    public var clientAuthorities: Bytes?
    /// The application protocol that is spoken (RFC 7301). A client that offers others only is
    /// refused; one that offers none is taken.
    public var applicationProtocol: String
    public var ticketKeys: TLSTicketKeys

    public init(
        certificates: [TLSCertificate], clientAuthorities: Bytes? = nil,
        applicationProtocol: String = "http/1.1", ticketKeys: TLSTicketKeys
    ) {
        self.certificates = certificates
        self.clientAuthorities = clientAuthorities
        self.applicationProtocol = applicationProtocol
        self.ticketKeys = ticketKeys
    }
}

/// What a client's sessions are set up with.
public struct TLSClientSettings: Sendable {
    /// Authorities of servers, as PEM. Nil: those that the system trusts.
    public var authorities: Bytes?
    /// Shown to a server that asks for it.
    public var certificate: TLSCertificate?
    /// Offered in this order (RFC 7301); none when empty.
    public var applicationProtocols: [String]
    public var versions: TLSVersions
    /// Whether a server must prove who it is. Without that anybody on the way can take its place.
    public var verifiesServer = true

    public init(
        authorities: Bytes?, certificate: TLSCertificate? = nil,
        applicationProtocols: [String] = ["http/1.1"], versions: TLSVersions = .all
    ) {
        self.authorities = authorities
        self.certificate = certificate
        self.applicationProtocols = applicationProtocols
        self.versions = versions
    }
}

/// Which versions of TLS are spoken.
public enum TLSVersions: Sendable {
    case all, tls12Only, tls13Only
}
