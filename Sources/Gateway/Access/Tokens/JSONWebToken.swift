// JSON Web Tokens in compact form (RFC 7515, section 3.1; RFC 7519).

import Buffers
import Crypto
import JSON

/// A signed token, taken apart. Nothing that it says may be believed before `verify` has returned.
public struct JSONWebToken: Sendable {
    public let algorithm: String
    /// Which key signed it (`kid`).
    public let keyID: String?
    public let claims: JSONObject
    /// The header, a dot and the payload, as they were sent.
    let signedPart: Bytes
    let signature: Bytes

    /// Takes `token` apart and reads its JSON.
    /// - Throws: `TokenError.tooLarge`, `.malformed`.
    public init(_ token: Bytes) throws(TokenError) {
        guard token.count <= Limits.tokenByteCountMax else { throw .tooLarge }
        guard let dots = Self.dots(in: token) else { throw .malformed("not three parts") }
        let header = try Self.object(token[0..<dots.first], "header")
        claims = try Self.object(token[(dots.first + 1)..<dots.second], "claims")
        guard let signature = Base64URL.decode(token.dropFirst(dots.second + 1)) else {
            throw .malformed("the signature is not Base64")
        }
        self.signature = signature
        signedPart = token[0..<dots.second]
        guard let algorithm = header["alg"]?.string else { throw .malformed("no algorithm") }
        self.algorithm = algorithm
        // Section 4.1.11: what stands there must be understood, and nothing of it is.
        guard !header.contains("crit") else { throw .malformed("critical extensions") }
        keyID = header["kid"]?.string
        guard keyID != nil || !header.contains("kid") else { throw .malformed("key id is no text") }
    }

    private static func dots(in token: Bytes) -> (first: Int, second: Int)? {
        let dot = UInt8(ascii: ".")
        let places = token.withUnsafeBytes { bytes in bytes.indices.filter { bytes[$0] == dot } }
        return places.count == 2 ? (places[0], places[1]) : nil
    }

    private static func object(_ part: Bytes, _ name: String) throws(TokenError) -> JSONObject {
        guard let text = Base64URL.decode(part) else {
            throw .malformed("the \(name) is not Base64")
        }
        guard name != "header" || text.count <= Limits.tokenHeaderByteCountMax else {
            throw .tooLarge
        }
        // Two members of one name would be read differently by others (section 4).
        guard let parsed = try? JSONValue.parse(text), parsed.duplicates.isEmpty,
            let object = parsed.value.object
        else { throw .malformed("the \(name) is no JSON object") }
        return object
    }

    /// Checks the signature. The algorithm is that of the key, never what the token asks for.
    /// - Throws: `TokenError.unknownKey`, `.wrongSignature`.
    public func verify(by keys: TokenKeys) throws(TokenError) {
        let candidates = keys.all.filter { key in
            key.algorithm == algorithm && (keyID == nil || keyID == key.id)
        }
        guard !candidates.isEmpty else { throw .unknownKey(id: keyID, algorithm: algorithm) }
        guard candidates.contains(where: { $0.key.isValid(signature, for: signedPart) }) else {
            throw .wrongSignature
        }
    }

    /// Makes a token that says `claims`.
    public static func sign(_ claims: JSONObject, with key: PrivateKey) -> Bytes {
        let tokenKey = TokenKey(key.publicKey)
        let header: JSONObject = ["alg": .string(tokenKey.algorithm), "kid": .string(tokenKey.id)]
        var buffer = ByteBuffer(reserving: 2048)
        Base64URL.append(JSONValue.object(header).bytes, to: &buffer)
        buffer.append(UInt8(ascii: "."))
        Base64URL.append(JSONValue.object(claims).bytes, to: &buffer)
        let signature = key.signature(for: buffer.copy())
        buffer.append(UInt8(ascii: "."))
        Base64URL.append(signature, to: &buffer)
        return buffer.freeze()
    }
}
