// The numbers that a public key consists of, as JSON Web Keys show them.

import Buffers
import COpenSSL

/// What a JSON Web Key holds of a public key (RFC 7518, section 6): numbers, most significant byte
/// first.
public enum PublicKeyNumbers: Hashable, Sendable {
    /// The point, 32 bytes for each coordinate.
    case p256(x: Bytes, y: Bytes)
    /// Without zeros in front.
    case rsa(modulus: Bytes, exponent: Bytes)
}

extension PublicKey {
    public var numbers: PublicKeyNumbers {
        ErrorQueue.clear()
        switch kind {
        case .p256:
            return .p256(
                x: number(OSSL_PKEY_PARAM_EC_PUB_X, byteCount: Self.coordinateByteCount),
                y: number(OSSL_PKEY_PARAM_EC_PUB_Y, byteCount: Self.coordinateByteCount))
        case .rsa:
            return .rsa(
                modulus: number(OSSL_PKEY_PARAM_RSA_N), exponent: number(OSSL_PKEY_PARAM_RSA_E))
        }
    }

    private static let coordinateByteCount = 32

    private func number(_ name: String, byteCount: Int? = nil) -> Bytes {
        var pointer: OpaquePointer?
        guard EVP_PKEY_get_bn_param(handle.pointer, name, &pointer) == 1, let pointer else {
            ErrorQueue.trap("EVP_PKEY_get_bn_param")
        }
        return BigNumber(takingOwnership: pointer).bytes(count: byteCount)
    }

    /// - Throws: `CryptoError` when the numbers are no key: a point off the curve, or a modulus
    ///   that is too short or too long.
    public init(_ numbers: PublicKeyNumbers) throws(CryptoError) {
        let der: Bytes
        switch numbers {
        case .p256(let x, let y):
            guard x.count == Self.coordinateByteCount, y.count == Self.coordinateByteCount else {
                throw .malformed(what: "point of P-256", reasons: [])
            }
            der = DER.p256Key(x: x, y: y)
        case .rsa(let modulus, let exponent):
            guard modulus.count <= Limits.rsaBitCountMax / 8, (1...8).contains(exponent.count)
            else { throw .unsupportedKey("RSA of \(modulus.count * 8) bits") }
            der = DER.rsaKey(modulus: modulus, exponent: exponent)
        }
        ErrorQueue.clear()
        let pointer = MemoryFile(der).withPointer { d2i_PUBKEY_bio($0, nil) }
        let reasons = ErrorQueue.takeAll()
        guard let pointer else { throw .malformed(what: "public key", reasons: reasons) }
        try self.init(takingOwnership: pointer)
    }
}

/// The little of DER (X.690) that a SubjectPublicKeyInfo (RFC 5280, section 4.1) needs.
private enum DER {
    private static let integer: UInt8 = 0x02
    private static let bitString: UInt8 = 0x03
    private static let sequence: UInt8 = 0x30

    /// id-ecPublicKey and prime256v1 (RFC 5480, section 2.1.1).
    private static let p256Identifier: [UInt8] = [
        0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01,
        0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07,
    ]
    /// rsaEncryption and NULL (RFC 3279, section 2.3.1).
    private static let rsaIdentifier: [UInt8] = [
        0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00,
    ]

    static func p256Key(x: Bytes, y: Bytes) -> Bytes {
        // 4 begins an uncompressed point (SEC 1, section 2.3.3).
        publicKey(p256Identifier, [4] + x.array + y.array)
    }

    static func rsaKey(modulus: Bytes, exponent: Bytes) -> Bytes {
        publicKey(rsaIdentifier, element(sequence, unsigned(modulus) + unsigned(exponent)))
    }

    private static func publicKey(_ identifier: [UInt8], _ key: [UInt8]) -> Bytes {
        Bytes(element(sequence, identifier + element(bitString, [0] + key)))
    }

    /// A zero in front keeps a leading one bit from being read as a sign.
    private static func unsigned(_ number: Bytes) -> [UInt8] {
        let significant = number.array.drop { $0 == 0 }
        let isSigned = significant.first.map { $0 >= 0x80 } ?? true
        return element(integer, (isSigned ? [0] : []) + significant)
    }

    private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        var length = [UInt8(truncatingIfNeeded: content.count)]
        if content.count >= 0x80 {
            length = [
                0x82, UInt8(truncatingIfNeeded: content.count >> 8),
                UInt8(truncatingIfNeeded: content.count),
            ]
        }
        return [tag] + length + content
    }
}
