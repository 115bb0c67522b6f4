// What a peer's certificate says, and whether it may be believed.

import Buffers
import COpenSSL
import Glibc

/// What a peer's certificate says. The peer has proved that it holds the key.
public struct TLSPeerCertificate: Hashable, Sendable {
    /// The last common name of the subject; empty when there is none.
    public let commonName: String
    /// The organizations of the subject, in order.
    public let organizations: [String]
    /// Seconds since 1970 in UTC after which the certificate is worthless.
    public let notAfter: Int64
    /// SHA-256 of the DER form.
    public let fingerprint: Bytes
    public let der: Bytes

    /// Reads what OpenSSL has parsed; nil when it is out of memory or the time is none.
    init?(_ certificate: OpaquePointer) {
        guard let subject = X509_get_subject_name(certificate),
            let notAfter = Self.seconds(X509_get0_notAfter(certificate)),
            let der = Self.der(of: certificate),
            let fingerprint = Self.fingerprint(of: certificate)
        else { return nil }
        commonName = Self.entries(of: subject, NID_commonName).last ?? ""
        organizations = Self.entries(of: subject, NID_organizationName)
        self.notAfter = notAfter
        self.der = der
        self.fingerprint = fingerprint
    }

    private static func entries(of name: OpaquePointer, _ identifier: CInt) -> [String] {
        var found: [String] = []
        var index = X509_NAME_get_index_by_NID(name, identifier, -1)
        while index >= 0 {
            let entry = X509_NAME_get_entry(name, index)
            if let text = text(X509_NAME_ENTRY_get_data(entry)) { found.append(text) }
            index = X509_NAME_get_index_by_NID(name, identifier, index)
        }
        return found
    }

    private static func text(_ string: UnsafePointer<ASN1_STRING>?) -> String? {
        var utf8: UnsafeMutablePointer<UInt8>?
        let count = ASN1_STRING_to_UTF8(&utf8, string)
        guard count >= 0, let utf8 else { return nil }
        defer { CRYPTO_free(utf8, nil, 0) }
        return String(
            decoding: UnsafeBufferPointer(start: utf8, count: Int(count)), as: UTF8.self)
    }

    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64? {
        var parts = tm()
        guard ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
        return Int64(timegm(&parts))
    }

    private static func der(of certificate: OpaquePointer) -> Bytes? {
        var start: UnsafeMutablePointer<UInt8>?
        let count = i2d_X509(certificate, &start)
        guard count > 0, let start else { return nil }
        defer { CRYPTO_free(start, nil, 0) }
        return Bytes(copying: UnsafeRawBufferPointer(start: start, count: Int(count)))
    }

    private static func fingerprint(of certificate: OpaquePointer) -> Bytes? {
        var digest = [UInt8](repeating: 0, count: 32)
        var count: CUnsignedInt = 0
        guard X509_digest(certificate, EVP_sha256(), &digest, &count) == 1 else { return nil }
        return Bytes(digest[..<Int(count)])
    }
}

/// Why a peer's certificate is not believed.
public enum TLSPeerRefusal: Hashable, Sendable {
    case expired
    case notYetValid
    /// No authority that is known here has signed it, or the chain to it is not complete.
    case unknownAuthority
    /// It is made for something else than for showing who connects.
    case wrongPurpose
    /// Anything else, in OpenSSL's words.
    case invalid(String)

    /// Nil when the certificate is believed.
    init?(code: Int) {
        switch CInt(code) {
        case X509_V_OK: return nil
        case X509_V_ERR_CERT_HAS_EXPIRED: self = .expired
        case X509_V_ERR_CERT_NOT_YET_VALID: self = .notYetValid
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT,
            X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_SIGNATURE_FAILURE:
            self = .unknownAuthority
        case X509_V_ERR_INVALID_PURPOSE: self = .wrongPurpose
        default: self = .invalid(String(cString: X509_verify_cert_error_string(code)))
        }
    }
}
