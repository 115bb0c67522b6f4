// The public keys that tokens are checked with, and how they are shown to others.

import Buffers
import Crypto
import JSON

/// A public key with the name that tokens call it by.
public struct TokenKey: Sendable {
    public let key: PublicKey
    /// The digest of the key's SubjectPublicKeyInfo, as Kubernetes names keys.
    public let id: String
    /// `RS256` or `ES256`: the one algorithm that this key is used with.
    public let algorithm: String

    public init(_ key: PublicKey) {
        self.key = key
        id = Base64URL.encode(SHA256.digest(key.der))
        algorithm = key.kind == .rsa ? "RS256" : "ES256"
    }

    /// The key as a JSON Web Key (RFC 7517, section 4).
    var jsonWebKey: JSONValue {
        var members: JSONObject = [
            "use": "sig", "kty": "RSA", "kid": .string(id), "alg": .string(algorithm),
        ]
        switch key.numbers {
        case .rsa(let modulus, let exponent):
            members["n"] = .string(Base64URL.encode(modulus))
            members["e"] = .string(Base64URL.encode(exponent))
        case .p256(let x, let y):
            members["kty"] = "EC"
            members["crv"] = "P-256"
            members["x"] = .string(Base64URL.encode(x))
            members["y"] = .string(Base64URL.encode(y))
        }
        return .object(members)
    }
}

/// The keys that tokens are believed by: the one that signs, and earlier ones.
public struct TokenKeys: Sendable {
    public let all: [TokenKey]

    /// Double ones are left out.
    public init(_ keys: [PublicKey]) {
        var all: [TokenKey] = []
        for key in keys.map(TokenKey.init) where !all.contains(where: { $0.id == key.id }) {
            all.append(key)
        }
        self.all = all
    }

    /// What `/openid/v1/jwks` answers (RFC 7517, section 5); its type is
    /// `application/jwk-set+json`.
    public var jsonWebKeySet: JSONValue { ["keys": .array(all.map(\.jsonWebKey))] }

    /// What `/.well-known/openid-configuration` answers (OpenID Connect Discovery 1.0, section 3).
    /// `keySetURL` is where others reach `/openid/v1/jwks`.
    public func discoveryDocument(issuer: String, keySetURL: String) -> JSONValue {
        var algorithms: [String] = []
        for key in all where !algorithms.contains(key.algorithm) {
            algorithms.append(key.algorithm)
        }
        return [
            "issuer": .string(issuer),
            "jwks_uri": .string(keySetURL),
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": .array(algorithms.map(JSONValue.string)),
        ]
    }
}
