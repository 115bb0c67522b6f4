/// Why a token is not believed.
public enum TokenError: Error, Hashable, Sendable, CustomStringConvertible {
    /// More bytes than are read.
    case tooLarge
    /// Not three parts of Base64 with a JSON object in the first two, or members of the wrong type.
    case malformed(String)
    /// Another authority made it, which somebody else may know.
    case foreignIssuer(String)
    /// None of our keys has its key id and its algorithm. This is how `none` and an algorithm that
    /// does not belong to the key end.
    case unknownKey(id: String?, algorithm: String)
    case wrongSignature
    case expired
    case notYetValid
    /// It was made for others; the audiences that it names.
    case wrongAudience([String])

    public var description: String {
        switch self {
        case .tooLarge: "token of more than \(Limits.tokenByteCountMax) bytes"
        case .malformed(let what): "malformed token: \(what)"
        case .foreignIssuer(let issuer): "token of another issuer: \(issuer.debugDescription)"
        case .unknownKey(let id, let algorithm):
            "no key for a token with key id \((id ?? "").debugDescription) and algorithm "
                + algorithm.debugDescription
        case .wrongSignature: "wrong signature of a token"
        case .expired: "token has expired"
        case .notYetValid: "token is not valid yet"
        case .wrongAudience(let audiences):
            "token for other audiences: "
                + audiences.map(\.debugDescription).joined(separator: ", ")
        }
    }
}
