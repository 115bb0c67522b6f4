// SHA-256, and what is built on it alone.

import Buffers
import COpenSSL

/// SHA-256 (FIPS 180-4).
public enum SHA256 {
    public static let byteCount = 32

    /// Looked up once: the look-up takes longer than the digest of a short text.
    static let algorithm = Algorithm()

    final class Algorithm: @unchecked Sendable {
        // Reason: OpenSSL's description of an algorithm does not change after it was fetched.
        let pointer: OpaquePointer

        init() {
            guard let pointer = EVP_MD_fetch(nil, "SHA256", nil) else {
                ErrorQueue.trap("EVP_MD_fetch")
            }
            self.pointer = pointer
        }

        deinit { EVP_MD_free(pointer) }
    }

    /// The 32 bytes of the digest of `bytes`.
    public static func digest(_ bytes: Bytes) -> Bytes {
        bytes.withUnsafeBytes { digest($0) }
    }

    /// The 32 bytes of the digest of what is in `buffer`.
    public static func digest(_ buffer: UnsafeRawBufferPointer) -> Bytes {
        var result = ByteBuffer(reserving: byteCount)
        _ = result.appendUninitialized(byteCount) { room in
            let target = room.assumingMemoryBound(to: UInt8.self).baseAddress
            var count: UInt32 = 0
            let status = EVP_Digest(
                buffer.baseAddress, buffer.count, target, &count, algorithm.pointer, nil)
            guard status == 1 else { ErrorQueue.trap("EVP_Digest") }
            return Int(count)
        }
        return result.freeze()
    }
}

/// HMAC with SHA-256 (RFC 2104).
public enum HMACSHA256 {
    /// The 32 bytes that only somebody with `key` can make for `message`.
    public static func code(for message: Bytes, key: Bytes) -> Bytes {
        var result = ByteBuffer(reserving: SHA256.byteCount)
        _ = result.appendUninitialized(SHA256.byteCount) { room in
            let target = room.assumingMemoryBound(to: UInt8.self).baseAddress
            var count: UInt32 = 0
            let made = message.withUnsafeBytes { message in
                key.withUnsafeBytes { key in
                    HMAC(
                        SHA256.algorithm.pointer, key.baseAddress ?? Self.nothing, CInt(key.count),
                        message.assumingMemoryBound(to: UInt8.self).baseAddress, message.count,
                        target, &count)
                }
            }
            guard made != nil else { ErrorQueue.trap("HMAC") }
            return Int(count)
        }
        return result.freeze()
    }

    /// Whether `code` is the one for `message`; takes the same time for every wrong one.
    public static func isValid(_ code: Bytes, for message: Bytes, key: Bytes) -> Bool {
        isEqualInConstantTime(code, self.code(for: message, key: key))
    }

    /// An empty key needs an address: null would stand for the key of the call before.
    private static var nothing: UnsafeRawPointer {
        UnsafeRawPointer(("" as StaticString).utf8Start)
    }
}

/// Whether both are the same bytes. The time tells only whether their lengths differ.
public func isEqualInConstantTime(_ left: Bytes, _ right: Bytes) -> Bool {
    guard left.count == right.count else { return false }
    if left.isEmpty { return true }
    return left.withUnsafeBytes { first in
        right.withUnsafeBytes { second in
            CRYPTO_memcmp(first.baseAddress, second.baseAddress, first.count) == 0
        }
    }
}
