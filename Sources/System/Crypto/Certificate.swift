// X.509 certificates (RFC 5280), read once when they are made.

import Buffers
import COpenSSL

/// A certificate. Reading it checks its form, not who signed it or whether it is the time for it.
public struct Certificate: Sendable {
    let handle: CertificateHandle

    public let subject: DistinguishedName
    public let issuer: DistinguishedName
    /// Hexadecimal, without zeros in front.
    public let serialNumber: String
    public let notBefore: WallTime
    public let notAfter: WallTime
    public let alternativeNames: AlternativeNames
    public let usage: CertificateUsage
    public let publicKey: PublicKey

    init(handle: CertificateHandle) throws(CryptoError) {
        ErrorQueue.clear()
        defer { ErrorQueue.clear() }
        let pointer = handle.pointer
        self.handle = handle
        subject = try DistinguishedName(X509_get_subject_name(pointer))
        issuer = try DistinguishedName(X509_get_issuer_name(pointer))
        serialNumber = try Self.serialNumber(of: pointer)
        guard let notBefore = ASN1.time(X509_get0_notBefore(pointer)),
            let notAfter = ASN1.time(X509_get0_notAfter(pointer))
        else { throw .malformed(what: "validity of a certificate", reasons: []) }
        self.notBefore = notBefore
        self.notAfter = notAfter
        alternativeNames = try AlternativeNames(certificate: pointer)
        usage = CertificateUsage(certificate: pointer)
        guard let key = X509_get_pubkey(pointer) else {
            throw .malformed(what: "key of a certificate", reasons: ErrorQueue.takeAll())
        }
        publicKey = try PublicKey(takingOwnership: key)
    }

    private static func serialNumber(of pointer: OpaquePointer) throws(CryptoError) -> String {
        guard let number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(pointer), nil) else {
            throw .malformed(what: "serial number", reasons: ErrorQueue.takeAll())
        }
        let digits = BigNumber(takingOwnership: number).hexadecimal
        return digits.hasPrefix("0") && digits != "0" ? String(digits.dropFirst()) : digits
    }

    /// Whether the public key is the one that belongs to `key`.
    public func fits(_ key: PrivateKey) -> Bool { publicKey == key.publicKey }

    /// Whether `now` lies between the first and the last second of its validity.
    public func isValid(at now: WallTime) -> Bool { notBefore <= now && now <= notAfter }

    /// Whether it was signed with the private half of `issuerKey`.
    public func isSigned(by issuerKey: PublicKey) -> Bool {
        ErrorQueue.clear()
        defer { ErrorQueue.clear() }
        return X509_verify(handle.pointer, issuerKey.handle.pointer) == 1
    }

    /// Whether it was signed by its own key.
    public var isSelfSigned: Bool { subject == issuer && isSigned(by: publicKey) }

    /// SHA-256 of the whole certificate: 32 bytes that no other has.
    public var fingerprint: Bytes { SHA256.digest(der) }
}

extension Certificate: Equatable {
    public static func == (left: Certificate, right: Certificate) -> Bool {
        X509_cmp(left.handle.pointer, right.handle.pointer) == 0
    }
}
