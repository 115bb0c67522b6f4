// Why OpenSSL did not do what was asked, in words for people.

import COpenSSL

/// An operating error of this module: what was read is not what it should be, or does not fit.
public enum CryptoError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No PEM block of the wanted kind, such as `CERTIFICATE`, is in the text.
    case noPEM(wanted: String)
    /// More bytes or certificates than are read.
    case tooLarge(what: String, max: Int)
    /// A private key under a passphrase, for which nobody can be asked.
    case encryptedKey
    /// A sound key of a kind or size that is not used here.
    case unsupportedKey(String)
    /// What is there cannot be read as `what`. `reasons` are OpenSSL's.
    case malformed(what: String, reasons: [String])
    /// A name that may not stand in a certificate.
    case invalidName(String)

    public var description: String {
        switch self {
        case .noPEM(let wanted): "no PEM block of type \(wanted)"
        case .tooLarge(let what, let max): "\(what): more than \(max)"
        case .encryptedKey: "the private key is encrypted with a passphrase"
        case .unsupportedKey(let kind):
            "unsupported key: \(kind); RSA of 2048 to 8192 bits and P-256 are"
        case .malformed(let what, let reasons):
            reasons.isEmpty
                ? "malformed \(what)" : "malformed \(what): \(reasons.joined(separator: "; "))"
        case .invalidName(let name): "not a name for a certificate: \(name)"
        }
    }
}

/// OpenSSL's list of errors, which belongs to the thread: emptied before a call, taken after it.
enum ErrorQueue {
    static func clear() { ERR_clear_error() }

    /// The reasons, oldest first; the list is empty afterwards.
    static func takeAll() -> [String] {
        var reasons: [String] = []
        while true {
            let code = ERR_get_error()
            guard code != 0 else { return reasons }
            guard reasons.count < Limits.reasonCountMax else { continue }
            reasons.append(ERR_reason_error_string(code).map { String(cString: $0) } ?? "\(code)")
        }
    }

    /// For calls that fail only when memory is out or when we call them wrongly.
    static func trap(_ operation: StaticString) -> Never {
        preconditionFailure("\(operation): \(takeAll().joined(separator: "; "))")
    }
}
