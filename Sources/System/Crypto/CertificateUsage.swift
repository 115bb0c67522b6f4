// What a certificate may be used for.

import COpenSSL

/// The basic constraints and the usages of a certificate (RFC 5280, section 4.2.1).
public struct CertificateUsage: Hashable, Sendable {
    /// It may sign certificates: the basic constraints say so, and the key usage does not forbid
    /// it.
    public let isAuthority: Bool
    /// `nil` when the certificate does not limit it.
    public let key: KeyUsage?
    /// `nil` when the certificate does not limit it.
    public let extended: ExtendedKeyUsage?

    /// What the key itself does.
    public struct KeyUsage: OptionSet, Hashable, Sendable {
        public let rawValue: UInt32
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        public static let digitalSignature = KeyUsage(rawValue: UInt32(KU_DIGITAL_SIGNATURE))
        public static let keyEncipherment = KeyUsage(rawValue: UInt32(KU_KEY_ENCIPHERMENT))
        public static let certificateSigning = KeyUsage(rawValue: UInt32(KU_KEY_CERT_SIGN))
        public static let revocationListSigning = KeyUsage(rawValue: UInt32(KU_CRL_SIGN))
    }

    /// In which role the key is used.
    public struct ExtendedKeyUsage: OptionSet, Hashable, Sendable {
        public let rawValue: UInt32
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        public static let server = ExtendedKeyUsage(rawValue: UInt32(XKU_SSL_SERVER))
        public static let client = ExtendedKeyUsage(rawValue: UInt32(XKU_SSL_CLIENT))
        public static let any = ExtendedKeyUsage(rawValue: UInt32(XKU_ANYEKU))
    }

    init(certificate: OpaquePointer) {
        isAuthority = X509_check_ca(certificate) == 1
        // All bits stand for an extension that is not there.
        let key = X509_get_key_usage(certificate)
        self.key = key == UInt32.max ? nil : KeyUsage(rawValue: key)
        let extended = X509_get_extended_key_usage(certificate)
        self.extended = extended == UInt32.max ? nil : ExtendedKeyUsage(rawValue: extended)
    }

    /// Whether a server may show it.
    public var allowsServer: Bool { allows(.server) }

    /// Whether a client may show it.
    public var allowsClient: Bool { allows(.client) }

    private func allows(_ role: ExtendedKeyUsage) -> Bool {
        guard let extended else { return true }
        return extended.contains(role) || extended.contains(.any)
    }
}
