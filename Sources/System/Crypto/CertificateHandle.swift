// OpenSSL's certificates, and the text that stands in them.

import Buffers
import COpenSSL
import Glibc

/// One reference to an `X509`.
final class CertificateHandle: @unchecked Sendable {
    // Reason: OpenSSL counts references atomically and locks what it computes on first use; nothing
    // here changes a certificate once it is made.
    let pointer: OpaquePointer

    init(takingOwnership pointer: OpaquePointer) { self.pointer = pointer }

    deinit { X509_free(pointer) }
}

/// Reads what OpenSSL's structures point to. Every pointer is borrowed.
enum ASN1 {
    typealias StringPointer = UnsafePointer<ASN1_STRING>

    /// The bytes as they are, such as an address.
    static func bytes(_ string: StringPointer) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(
            start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string)))
    }

    /// Text of any of the types that names have. A zero byte stays part of it, so that what comes
    /// after one is not forgotten. `nil` when it is not valid.
    static func text(_ string: StringPointer) -> String? {
        var converted: UnsafeMutablePointer<UInt8>?
        let count = ASN1_STRING_to_UTF8(&converted, string)
        guard count >= 0, let converted else { return nil }
        defer { CRYPTO_free(converted, #file, CInt(#line)) }
        let bytes = UnsafeBufferPointer(start: converted, count: Int(count))
        return String(validating: bytes, as: UTF8.self)
    }

    static func time(_ time: StringPointer?) -> WallTime? {
        var parts = tm()
        guard let time, ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
        return WallTime(seconds: Int64(timegm(&parts)))
    }
}
