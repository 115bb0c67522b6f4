// The two forms of an ECDSA signature over P-256: OpenSSL's and that of JSON Web Signatures.

import Buffers
import COpenSSL

enum ECDSASignature {
    /// Bytes of `r`, and of `s` (RFC 7518, section 3.4).
    private static let numberByteCount = 32
    /// A SEQUENCE of two INTEGERs of up to 33 bytes each.
    private static let derByteCountMax = 72

    /// - Precondition: `der` was made by OpenSSL with a key of P-256.
    static func raw(fromDER der: Bytes) -> Bytes {
        var signature: OpaquePointer?
        der.withUnsafeBytes { der in
            var start = der.assumingMemoryBound(to: UInt8.self).baseAddress
            signature = d2i_ECDSA_SIG(nil, &start, der.count)
        }
        guard let signature else { ErrorQueue.trap("d2i_ECDSA_SIG") }
        defer { ECDSA_SIG_free(signature) }
        var result = ByteBuffer(reserving: 2 * numberByteCount)
        for number in [ECDSA_SIG_get0_r(signature), ECDSA_SIG_get0_s(signature)] {
            result.append(number, byteCount: numberByteCount)
        }
        return result.freeze()
    }

    /// `nil` when `raw` has not the length of a signature.
    static func der(fromRaw raw: Bytes) -> Bytes? {
        guard raw.count == 2 * numberByteCount else { return nil }
        guard let signature = ECDSA_SIG_new() else { ErrorQueue.trap("ECDSA_SIG_new") }
        defer { ECDSA_SIG_free(signature) }
        let isSet = raw.withUnsafeBytes { raw in
            let start = raw.assumingMemoryBound(to: UInt8.self).baseAddress!
            let r = BN_bin2bn(start, CInt(numberByteCount), nil)
            let s = BN_bin2bn(start + numberByteCount, CInt(numberByteCount), nil)
            // Owns both numbers from here on.
            return ECDSA_SIG_set0(signature, r, s) == 1
        }
        guard isSet else { ErrorQueue.trap("ECDSA_SIG_set0") }
        var result = ByteBuffer(reserving: derByteCountMax)
        _ = result.appendUninitialized(derByteCountMax) { room in
            var end = room.assumingMemoryBound(to: UInt8.self).baseAddress
            return Int(i2d_ECDSA_SIG(signature, &end))
        }
        return result.freeze()
    }
}

extension ByteBuffer {
    /// Appends `number` with its most significant byte first, padded with zeros in front.
    /// - Precondition: it fits.
    mutating func append(_ number: OpaquePointer?, byteCount: Int) {
        _ = appendUninitialized(byteCount) { room in
            let target = room.assumingMemoryBound(to: UInt8.self).baseAddress
            let written = BN_bn2binpad(number, target, CInt(byteCount))
            guard written == CInt(byteCount) else { ErrorQueue.trap("BN_bn2binpad") }
            return byteCount
        }
    }
}
