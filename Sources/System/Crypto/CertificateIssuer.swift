// Making certificates.

import Buffers
import COpenSSL

/// What is to stand in a new certificate.
public struct CertificateTemplate: Sendable {
    public enum Purpose: Hashable, Sendable {
        /// Signs other certificates, but none that sign again.
        case authority
        case server
        case client
        /// Serves, and calls its like: a member of a cluster.
        case peer
    }

    public var purpose: Purpose
    public var subject: DistinguishedName
    public var alternativeNames: AlternativeNames
    public var notBefore: WallTime
    public var notAfter: WallTime

    public init(
        _ purpose: Purpose, _ subject: DistinguishedName, notBefore: WallTime, notAfter: WallTime
    ) {
        self.purpose = purpose
        self.subject = subject
        self.notBefore = notBefore
        self.notAfter = notAfter
        alternativeNames = .none
    }
}

/// An authority: a certificate that may sign others, and its key.
public struct CertificateIssuer: Sendable {
    public let certificate: Certificate
    public let key: PrivateKey

    /// `nil` when `key` does not fit `certificate`, or when it is no authority.
    public init?(certificate: Certificate, key: PrivateKey) {
        guard certificate.fits(key), certificate.usage.isAuthority else { return nil }
        self.certificate = certificate
        self.key = key
    }

    /// A new authority, signed by itself.
    /// - Throws: `CryptoError.invalidName`.
    /// - Precondition: the template's purpose is `.authority`.
    public static func selfSigned(
        _ template: CertificateTemplate, key: PrivateKey
    ) throws(CryptoError) -> CertificateIssuer {
        precondition(template.purpose == .authority, "a \(template.purpose) signs no certificates")
        let draft = CertificateDraft()
        try draft.fill(template, for: key.publicKey)
        try draft.setIssuer(template.subject)
        let certificate = try draft.sign(template.purpose, issuer: nil, key: key)
        guard let issuer = CertificateIssuer(certificate: certificate, key: key) else {
            preconditionFailure("made an authority that is none")
        }
        return issuer
    }

    /// A new certificate for whoever holds the private half of `publicKey`, for no longer than the
    /// authority itself is valid.
    /// - Throws: `CryptoError.invalidName`.
    public func issue(
        _ template: CertificateTemplate, for publicKey: PublicKey
    ) throws(CryptoError) -> Certificate {
        var template = template
        template.notAfter = min(template.notAfter, certificate.notAfter)
        let draft = CertificateDraft()
        try draft.fill(template, for: publicKey)
        draft.setIssuer(certificate)
        return try draft.sign(template.purpose, issuer: certificate, key: key)
    }
}

/// A certificate that is being made; changed only here, and by one owner.
private struct CertificateDraft: ~Copyable {
    private let handle: CertificateHandle
    private var pointer: OpaquePointer { handle.pointer }

    init() {
        ErrorQueue.clear()
        guard let pointer = X509_new(), X509_set_version(pointer, Int(X509_VERSION_3)) == 1 else {
            ErrorQueue.trap("X509_new")
        }
        handle = CertificateHandle(takingOwnership: pointer)
    }

    borrowing func fill(
        _ template: CertificateTemplate, for key: PublicKey
    ) throws(CryptoError) {
        setSerialNumber()
        try template.subject.write(to: X509_get_subject_name(pointer))
        setTime(template.notBefore, X509_set1_notBefore)
        setTime(template.notAfter, X509_set1_notAfter)
        guard X509_set_pubkey(pointer, key.handle.pointer) == 1 else {
            ErrorQueue.trap("X509_set_pubkey")
        }
        template.alternativeNames.write(to: pointer)
    }

    /// 127 random bits: positive, not guessable, and in at most 20 bytes (RFC 5280, section
    /// 4.1.2.2).
    private borrowing func setSerialNumber() {
        guard let number = BN_new() else { ErrorQueue.trap("BN_new") }
        defer { BN_free(number) }
        guard BN_rand(number, 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1,
            BN_to_ASN1_INTEGER(number, X509_get_serialNumber(pointer)) != nil
        else { ErrorQueue.trap("BN_rand") }
    }

    private borrowing func setTime(
        _ moment: WallTime, _ set: (OpaquePointer?, UnsafePointer<ASN1_TIME>?) -> CInt
    ) {
        guard let time = ASN1_TIME_set(nil, Int(moment.seconds)) else {
            ErrorQueue.trap("ASN1_TIME_set")
        }
        defer { ASN1_STRING_free(time) }
        guard set(pointer, time) == 1 else { ErrorQueue.trap("X509_set1_notBefore") }
    }

    borrowing func setIssuer(_ name: DistinguishedName) throws(CryptoError) {
        try name.write(to: X509_get_issuer_name(pointer))
    }

    /// The whole name of `issuer`, also the parts that are not read here.
    borrowing func setIssuer(_ issuer: Certificate) {
        guard X509_set_issuer_name(pointer, X509_get_subject_name(issuer.handle.pointer)) == 1
        else { ErrorQueue.trap("X509_set_issuer_name") }
    }

    /// `issuer` is `nil` for a certificate that signs itself.
    consuming func sign(
        _ purpose: CertificateTemplate.Purpose, issuer: Certificate?, key: PrivateKey
    ) throws(CryptoError) -> Certificate {
        for (kind, value) in Self.extensions(for: purpose) {
            add(kind, value, issuer: issuer?.handle.pointer ?? pointer)
        }
        guard X509_sign(pointer, key.handle.pointer, SHA256.algorithm.pointer) > 0 else {
            ErrorQueue.trap("X509_sign")
        }
        return try Certificate(handle: handle)
    }

    /// In OpenSSL's language for extensions. None of it comes from outside.
    private static func extensions(
        for purpose: CertificateTemplate.Purpose
    ) -> [(kind: CInt, value: String)] {
        let identifiers = [
            (NID_subject_key_identifier, "hash"), (NID_authority_key_identifier, "keyid"),
        ]
        switch purpose {
        case .authority:
            return [
                (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"),
                (NID_key_usage, "critical,digitalSignature,keyCertSign,cRLSign"),
            ] + identifiers
        case .server, .client, .peer:
            let roles =
                switch purpose {
                case .server: "serverAuth"
                case .client: "clientAuth"
                default: "serverAuth,clientAuth"
                }
            return [
                (NID_basic_constraints, "critical,CA:FALSE"),
                (NID_key_usage, "critical,digitalSignature,keyEncipherment"),
                (NID_ext_key_usage, roles),
            ] + identifiers
        }
    }

    private borrowing func add(_ kind: CInt, _ value: String, issuer: OpaquePointer) {
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, issuer, pointer, nil, nil, 0)
        guard let addition = X509V3_EXT_nconf_nid(nil, &context, kind, value) else {
            ErrorQueue.trap("X509V3_EXT_nconf_nid")
        }
        defer { X509_EXTENSION_free(addition) }
        guard X509_add_ext(pointer, addition, -1) == 1 else { ErrorQueue.trap("X509_add_ext") }
    }
}
