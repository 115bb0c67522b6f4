// OpenSSL's keys, and what kinds of them are used.

import Buffers
import COpenSSL

/// One reference to an `EVP_PKEY`.
final class KeyHandle: @unchecked Sendable {
    // Reason: OpenSSL counts references atomically, and nothing here changes a key once it is made.
    let pointer: OpaquePointer

    init(takingOwnership pointer: OpaquePointer) { self.pointer = pointer }

    deinit { EVP_PKEY_free(pointer) }

    func kind() throws(CryptoError) -> KeyKind {
        if EVP_PKEY_is_a(pointer, "RSA") == 1 {
            let bitCount = Int(EVP_PKEY_get_bits(pointer))
            guard (Limits.rsaBitCountMin...Limits.rsaBitCountMax).contains(bitCount) else {
                throw .unsupportedKey("RSA of \(bitCount) bits")
            }
            return .rsa
        }
        guard EVP_PKEY_is_a(pointer, "EC") == 1 else {
            let name = EVP_PKEY_get0_type_name(pointer).map { String(cString: $0) }
            throw .unsupportedKey(name ?? "of unknown type")
        }
        let curve = curveName()
        guard curve == KeyKind.curveName else { throw .unsupportedKey("curve \(curve)") }
        return .p256
    }

    private func curveName() -> String {
        var name = [CChar](repeating: 0, count: 64)
        var count = 0
        guard EVP_PKEY_get_group_name(pointer, &name, name.count, &count) == 1 else {
            ErrorQueue.clear()
            return "without a name"
        }
        return String(decoding: name[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// The kinds of keys that are made and accepted.
public enum KeyKind: Hashable, Sendable {
    /// NIST's P-256, for ECDSA.
    case p256
    /// RSA of 2048 to 8192 bits; 2048 when it is made here.
    case rsa

    /// OpenSSL's name of P-256.
    static let curveName = "prime256v1"
}

/// A `BIGNUM` with one owner.
struct BigNumber: ~Copyable {
    private let pointer: OpaquePointer

    init(takingOwnership pointer: OpaquePointer) { self.pointer = pointer }

    deinit { BN_free(pointer) }

    /// In capital letters, perhaps with a zero in front.
    var hexadecimal: String {
        guard let text = BN_bn2hex(pointer) else { ErrorQueue.trap("BN_bn2hex") }
        defer { CRYPTO_free(text, #file, CInt(#line)) }
        return String(cString: text)
    }

    /// The most significant byte first, padded with zeros up to `byteCount` if it is given.
    /// - Precondition: it fits.
    func bytes(count byteCount: Int? = nil) -> Bytes {
        let byteCount = byteCount ?? Int(BN_num_bits(pointer) + 7) / 8
        var buffer = ByteBuffer(reserving: byteCount)
        buffer.append(pointer, byteCount: byteCount)
        return buffer.freeze()
    }
}
