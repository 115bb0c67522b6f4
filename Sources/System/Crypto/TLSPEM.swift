// Certificates and keys of TLS out of PEM files.

import Buffers
import COpenSSL

/// An X.509 certificate of OpenSSL's.
final class TLSX509 {
    let pointer: OpaquePointer

    init(takingOwnership pointer: OpaquePointer) { self.pointer = pointer }

    deinit { X509_free(pointer) }
}

/// A private key of OpenSSL's.
final class TLSPrivateKey {
    let pointer: OpaquePointer

    init(takingOwnership pointer: OpaquePointer) { self.pointer = pointer }

    deinit { EVP_PKEY_free(pointer) }
}

enum TLSPEM {
    /// Every certificate of `text`, at least one. What stands between them is skipped.
    static func certificates(
        _ text: Bytes, _ what: String
    ) throws(TLSSetupError) -> [TLSX509] {
        TLSErrorQueue.clear()
        let found = withBIO(text) { bio in
            var found: [TLSX509] = []
            while let certificate = PEM_read_bio_X509(bio, nil, refusePassword, nil) {
                found.append(TLSX509(takingOwnership: certificate))
            }
            return found
        }
        let isAtEnd = copenssl_tls_is_end_of_pem(ERR_peek_last_error()) == 1
        let failure = TLSErrorQueue.take()
        guard isAtEnd else { throw TLSSetupError("\(what) cannot be read", failure) }
        guard !found.isEmpty else { throw TLSSetupError("\(what): there is no certificate in it") }
        return found
    }

    /// The private key of `text`.
    static func key(_ text: Bytes, _ what: String) throws(TLSSetupError) -> TLSPrivateKey {
        TLSErrorQueue.clear()
        let key = withBIO(text) { PEM_read_bio_PrivateKey($0, nil, refusePassword, nil) }
        let failure = TLSErrorQueue.take()
        guard let key else { throw TLSSetupError("\(what) cannot be read", failure) }
        return TLSPrivateKey(takingOwnership: key)
    }

    /// Without it, OpenSSL would ask at the terminal.
    private static let refusePassword:
        @convention(c) (
            UnsafeMutablePointer<CChar>?, CInt, CInt, UnsafeMutableRawPointer?
        ) -> CInt = { _, _, _, _ in -1 }

    private static func withBIO<Result>(
        _ text: Bytes, _ body: (OpaquePointer) -> Result
    ) -> Result {
        precondition(text.count <= TLSLimits.pemByteCountMax, "\(text.count) bytes of PEM")
        // OpenSSL takes no nil, not even for no bytes.
        let text = text.isEmpty ? Bytes("\n") : text
        return text.withUnsafeBytes { bytes in
            guard let bio = BIO_new_mem_buf(bytes.baseAddress, CInt(bytes.count)) else {
                preconditionFailure("no memory for a few bytes")
            }
            defer { BIO_free(bio) }
            return body(bio)
        }
    }
}
