import Buffers
import Crypto
import JSON
import SeedTesting
import Testing

@testable import Access

private let payload =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
    + "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
private let rsaSignature =
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7"
    + "AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4"
    + "BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K"
    + "0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqv"
    + "hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrB"
    + "p0igcN_IoypGlUPQGe77Rw"
private let p256Signature =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA"
    + "pmWQxfKTUJqPP3-Kg6NU1Q"

/// The examples of RFC 7515, appendices A.1 to A.3.
private enum Examples {
    static let hs256Header = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
    static let hs256 = "\(hs256Header).\(payload).dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    static let rs256 = "eyJhbGciOiJSUzI1NiJ9.\(payload).\(rsaSignature)"
    static let es256 = "eyJhbGciOiJFUzI1NiJ9.\(payload).\(p256Signature)"
    static let hmacKey =
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75"
        + "aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
}

private let rsa = TokenFixtures.key(TokenFixtures.rsaKey)
private let p256 = TokenFixtures.key(TokenFixtures.p256Key)
private let keys = TokenKeys([rsa.publicKey, p256.publicKey])

@Suite struct JSONWebTokenTests {
    @Test(arguments: [Examples.rs256, Examples.es256])
    func `the examples of RFC 7515 are believed`(text: String) throws {
        let token = try JSONWebToken(Bytes(text))
        try token.verify(by: keys)
        #expect(token.keyID == nil)
        #expect(token.claims["iss"]?.string == "joe")
        #expect(token.claims["exp"]?.int == 1_300_819_380)
    }

    @Test func `an RS256 signature is that of the RFC, byte by byte`() {
        let signed = Bytes("eyJhbGciOiJSUzI1NiJ9.\(payload)")
        #expect(Base64URL.encode(rsa.signature(for: signed)) == rsaSignature)
    }

    @Test func `an HMAC is that of the RFC, and is no signature here`() throws {
        let key = try #require(Base64URL.decode(Bytes(Examples.hmacKey)))
        let code = HMACSHA256.code(for: Bytes("\(Examples.hs256Header).\(payload)"), key: key)
        #expect(Examples.hs256.hasSuffix(Base64URL.encode(code)))
        let token = try JSONWebToken(Bytes(Examples.hs256))
        #expect(throws: TokenError.unknownKey(id: nil, algorithm: "HS256")) {
            try token.verify(by: keys)
        }
    }

    /// The public key is known to everybody: as a secret it would let everybody sign.
    @Test(arguments: ["HS256", "HS384", "hs256"])
    func `a public key is never a secret`(algorithm: String) throws {
        for secret in [rsa.publicKey.pem, rsa.publicKey.der] {
            let signed = Base64URL.encode(Bytes("{\"alg\":\"\(algorithm)\"}")) + ".\(payload)"
            let code = HMACSHA256.code(for: Bytes(signed), key: secret)
            let token = try JSONWebToken(Bytes("\(signed).\(Base64URL.encode(code))"))
            #expect(throws: TokenError.unknownKey(id: nil, algorithm: algorithm)) {
                try token.verify(by: keys)
            }
        }
    }

    @Test(arguments: ["none", "None", "NONE", "", "RS512", "PS256", "ES384"])
    func `an algorithm that is not the key's is refused`(algorithm: String) throws {
        let header = Base64URL.encode(Bytes("{\"alg\":\"\(algorithm)\"}"))
        for signature in ["", rsaSignature, p256Signature] {
            let token = try JSONWebToken(Bytes("\(header).\(payload).\(signature)"))
            #expect(throws: TokenError.unknownKey(id: nil, algorithm: algorithm)) {
                try token.verify(by: keys)
            }
        }
    }

    @Test func `a key checks only tokens of its own algorithm and name`() throws {
        let token = try JSONWebToken(JSONWebToken.sign(["a": 1], with: p256))
        try token.verify(by: keys)
        #expect(throws: TokenError.self) { try token.verify(by: TokenKeys([rsa.publicKey])) }
        let other = PrivateKey.generate(.p256)
        #expect(
            throws: TokenError.unknownKey(id: TokenKey(p256.publicKey).id, algorithm: "ES256")
        ) {
            try token.verify(by: TokenKeys([other.publicKey]))
        }
        let unnamed = try JSONWebToken(Bytes(Examples.es256))
        #expect(throws: TokenError.wrongSignature) {
            try unnamed.verify(by: TokenKeys([other.publicKey]))
        }
    }

    @Test(arguments: [
        "", ".", "..", "a.b", "a.b.c.d", "e30.e30.", "e30.e30.e30",
        "\(Examples.rs256).", "\(Examples.rs256)=", " \(Examples.rs256)",
    ])
    func `what is no token is refused`(text: String) {
        #expect(throws: TokenError.self) { try JSONWebToken(Bytes(text)).verify(by: keys) }
    }

    @Test(arguments: [
        #"{"alg":"RS256","crit":["exp"]}"#, #"{"alg":"none","alg":"RS256"}"#,
        #"{"alg":"RS256","kid":7}"#, #"{"alg":256}"#, #"["RS256"]"#, #"{"alg":"RS256"} x"#, "null",
    ])
    func `a header that can be read in two ways is refused`(header: String) {
        let text = "\(Base64URL.encode(Bytes(header))).\(payload).\(rsaSignature)"
        #expect(throws: TokenError.self) { try JSONWebToken(Bytes(text)) }
    }

    @Test func `a token that is too large is not read`() {
        let large = String(repeating: "A", count: 16 << 10)
        #expect(throws: TokenError.tooLarge) {
            try JSONWebToken(Bytes("\(Examples.rs256)\(large)"))
        }
        let header = "{\"alg\":\"RS256\",\"x\":\"\(String(repeating: "x", count: 4 << 10))\"}"
        let text = "\(Base64URL.encode(Bytes(header))).\(payload).\(rsaSignature)"
        #expect(throws: TokenError.tooLarge) { try JSONWebToken(Bytes(text)) }
    }

    @Test func `a deeply nested token is refused`() {
        let nested = String(repeating: "[", count: 5000)
        let text = "eyJhbGciOiJSUzI1NiJ9.\(Base64URL.encode(Bytes(nested))).AAAA"
        #expect(throws: TokenError.self) { try JSONWebToken(Bytes(text)) }
    }

    @Test(arguments: [rsa, p256].map(\.kind))
    func `no change of a token is believed`(kind: KeyKind) throws {
        let key = kind == .rsa ? rsa : p256
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let original = JSONWebToken.sign(["iss": "joe", "list": [1, 2, 3]], with: key).array
        let parts = [0] + original.indices.filter { original[$0] == UInt8(ascii: ".") }
        #expect(parts.count == 3)
        for round in 0..<600 {
            // Each part gets a third of the rounds.
            let part = round % 3
            let end = part == 2 ? original.count : parts[part + 1]
            var changed = original
            let place = Int.random(in: parts[part]..<end, using: &random)
            changed[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            let token = try? JSONWebToken(Bytes(changed))
            let isBelieved = token.map { (try? $0.verify(by: keys)) != nil } ?? false
            #expect(!isBelieved, "seed \(seed), round \(round), byte \(place)")
        }
    }
}
