// Private keys: made, read and written.

import Buffers
import COpenSSL

/// A private key. It is never described, and leaves this module only as PEM.
public struct PrivateKey: Sendable {
    let handle: KeyHandle
    public let kind: KeyKind

    private init(handle: KeyHandle) throws(CryptoError) {
        self.handle = handle
        kind = try handle.kind()
    }

    /// A new key from the system's randomness. RSA gets 2048 bits and takes up to a second.
    public static func generate(_ kind: KeyKind) -> PrivateKey {
        ErrorQueue.clear()
        let context = EVP_PKEY_CTX_new_from_name(nil, kind == .rsa ? "RSA" : "EC", nil)
        guard let context else { ErrorQueue.trap("EVP_PKEY_CTX_new_from_name") }
        defer { EVP_PKEY_CTX_free(context) }
        var pointer: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, chooseSize(kind, context) == 1,
            EVP_PKEY_generate(context, &pointer) == 1, let pointer
        else { ErrorQueue.trap("EVP_PKEY_generate") }
        guard let key = try? PrivateKey(handle: KeyHandle(takingOwnership: pointer)) else {
            preconditionFailure("made a key of a kind that is not used")
        }
        return key
    }

    private static func chooseSize(_ kind: KeyKind, _ context: OpaquePointer) -> CInt {
        switch kind {
        case .rsa: EVP_PKEY_CTX_set_rsa_keygen_bits(context, CInt(Limits.rsaBitCountMin))
        case .p256: EVP_PKEY_CTX_set_group_name(context, KeyKind.curveName)
        }
    }

    /// Reads the first private key of `pem`: PKCS#8, PKCS#1 (`RSA PRIVATE KEY`) or SEC 1 (`EC
    /// PRIVATE KEY`), not encrypted. Other blocks before it are skipped.
    /// - Throws: `CryptoError` when there is none that can be used.
    public init(pem: Bytes) throws(CryptoError) {
        guard pem.count <= Limits.pemByteCountMax else {
            throw .tooLarge(what: "bytes of a private key", max: Limits.pemByteCountMax)
        }
        guard String(pem).contains("PRIVATE KEY-----") else {
            throw .noPEM(wanted: "PRIVATE KEY")
        }
        ErrorQueue.clear()
        var isEncrypted = false
        let pointer = withUnsafeMutablePointer(to: &isEncrypted) { flag in
            MemoryFile(pem).withPointer {
                PEM_read_bio_PrivateKey($0, nil, refusePassphrase, flag)
            }
        }
        let reasons = ErrorQueue.takeAll()
        guard let pointer else {
            throw isEncrypted
                ? .encryptedKey : .malformed(what: "private key", reasons: reasons)
        }
        try self.init(handle: KeyHandle(takingOwnership: pointer))
    }

    /// PKCS#8 as PEM, not encrypted: for a file that only its owner can read.
    public var pem: Bytes {
        MemoryFile.contents("PEM_write_bio_PKCS8PrivateKey") {
            PEM_write_bio_PKCS8PrivateKey($0, handle.pointer, nil, nil, 0, nil, nil)
        }
    }

    public var publicKey: PublicKey { PublicKey(handle: handle, kind: kind) }

    /// Signs `message` by the algorithm of this kind of key: RS256, or ES256 as `r` and `s` of 32
    /// bytes each (RFC 7518, sections 3.3 and 3.4).
    public func signature(for message: Bytes) -> Bytes {
        ErrorQueue.clear()
        guard let context = EVP_MD_CTX_new() else { ErrorQueue.trap("EVP_MD_CTX_new") }
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestSignInit(context, nil, SHA256.algorithm.pointer, nil, handle.pointer) == 1
        else { ErrorQueue.trap("EVP_DigestSignInit") }
        let byteCountMax = Int(EVP_PKEY_get_size(handle.pointer))
        var result = ByteBuffer(reserving: byteCountMax)
        _ = result.appendUninitialized(byteCountMax) { room in
            var count = byteCountMax
            let status = message.withUnsafeBytes { message in
                EVP_DigestSign(
                    context, room.assumingMemoryBound(to: UInt8.self).baseAddress, &count,
                    message.assumingMemoryBound(to: UInt8.self).baseAddress, message.count)
            }
            guard status == 1 else { ErrorQueue.trap("EVP_DigestSign") }
            return count
        }
        let signature = result.freeze()
        return kind == .rsa ? signature : ECDSASignature.raw(fromDER: signature)
    }
}

/// Without it OpenSSL would ask on the terminal. Notes in the flag that it was asked.
private func refusePassphrase(
    _: UnsafeMutablePointer<CChar>?, _: CInt, _: CInt, flag: UnsafeMutableRawPointer?
) -> CInt {
    flag?.assumingMemoryBound(to: Bool.self).pointee = true
    return -1
}
