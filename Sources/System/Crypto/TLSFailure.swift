// Why TLS did not work, in OpenSSL's words.

import COpenSSL

/// A session that cannot go on: what OpenSSL had to say about it.
public struct TLSFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// OpenSSL's codes, the first cause first. Words are looked up only when they are asked for:
    /// a flood of broken handshakes must not be made dearer.
    private let codes: [UInt]

    init(codes: [UInt]) { self.codes = codes }

    public var description: String {
        if codes.isEmpty { return "no reason given" }
        return codes.map { code in
            ERR_reason_error_string(code).map { String(cString: $0) } ?? "error \(code)"
        }.joined(separator: "; ")
    }

    /// Whether the peer offered no protocol that is spoken here (RFC 7301, 3.2).
    public var isUnknownProtocol: Bool { has(SSL_R_NO_APPLICATION_PROTOCOL) }

    /// Whether a record was not what its sender's key makes of it (RFC 8446, 5.2).
    public var isBadRecord: Bool {
        has(SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC) || has(SSL_R_BAD_RECORD_TYPE)
    }

    private func has(_ reason: CInt) -> Bool {
        codes.contains { copenssl_tls_reason($0) == reason }
    }
}

/// Certificates, keys or settings that no session can be made with.
public struct TLSSetupError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ what: String, _ failure: TLSFailure? = nil) {
        description = failure.map { "\(what): \($0)" } ?? what
    }
}

/// The thread's queue of errors: emptied before a call, taken whole after it.
enum TLSErrorQueue {
    static func clear() { ERR_clear_error() }

    static func take() -> TLSFailure {
        var codes: [UInt] = []
        while true {
            let code = ERR_get_error()
            if code == 0 { return TLSFailure(codes: codes) }
            codes.append(code)
        }
    }
}
