// Public keys, and the signatures that they check.

import Buffers
import COpenSSL

/// A public key. Two are equal when they are the same key, however they were read.
public struct PublicKey: Sendable {
    let handle: KeyHandle
    public let kind: KeyKind

    init(handle: KeyHandle, kind: KeyKind) {
        self.handle = handle
        self.kind = kind
    }

    init(takingOwnership pointer: OpaquePointer) throws(CryptoError) {
        handle = KeyHandle(takingOwnership: pointer)
        kind = try handle.kind()
    }

    /// Reads a `PUBLIC KEY` block.
    public init(pem: Bytes) throws(CryptoError) {
        guard pem.count <= Limits.pemByteCountMax else {
            throw .tooLarge(what: "bytes of a public key", max: Limits.pemByteCountMax)
        }
        guard String(pem).contains("PUBLIC KEY-----") else {
            throw .noPEM(wanted: "PUBLIC KEY")
        }
        ErrorQueue.clear()
        let pointer = MemoryFile(pem).withPointer { PEM_read_bio_PUBKEY($0, nil, nil, nil) }
        let reasons = ErrorQueue.takeAll()
        guard let pointer else { throw .malformed(what: "public key", reasons: reasons) }
        try self.init(takingOwnership: pointer)
    }

    /// A `PUBLIC KEY` block.
    public var pem: Bytes {
        MemoryFile.contents("PEM_write_bio_PUBKEY") { PEM_write_bio_PUBKEY($0, handle.pointer) }
    }

    /// The SubjectPublicKeyInfo of X.509, of which Kubernetes makes key ids.
    public var der: Bytes {
        MemoryFile.contents("i2d_PUBKEY_bio") { i2d_PUBKEY_bio($0, handle.pointer) }
    }

    /// Whether `signature` was made for `message` with this key's private half, by the algorithm of
    /// this kind of key: RS256, or ES256 as `r` and `s` of 32 bytes each.
    public func isValid(_ signature: Bytes, for message: Bytes) -> Bool {
        ErrorQueue.clear()
        defer { ErrorQueue.clear() }
        var signature = signature
        if kind == .p256 {
            guard let der = ECDSASignature.der(fromRaw: signature) else { return false }
            signature = der
        }
        guard let context = EVP_MD_CTX_new() else { ErrorQueue.trap("EVP_MD_CTX_new") }
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestVerifyInit(context, nil, SHA256.algorithm.pointer, nil, handle.pointer) == 1
        else { ErrorQueue.trap("EVP_DigestVerifyInit") }
        return signature.withUnsafeBytes { signature in
            message.withUnsafeBytes { message in
                EVP_DigestVerify(
                    context, signature.assumingMemoryBound(to: UInt8.self).baseAddress,
                    signature.count, message.assumingMemoryBound(to: UInt8.self).baseAddress,
                    message.count) == 1
            }
        }
    }
}

extension PublicKey: Equatable {
    public static func == (left: PublicKey, right: PublicKey) -> Bool {
        defer { ErrorQueue.clear() }
        return EVP_PKEY_eq(left.handle.pointer, right.handle.pointer) == 1
    }
}
