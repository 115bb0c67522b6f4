import Buffers
import Crypto
import Testing

/// Lower-case hexadecimal.
func hexadecimal(_ bytes: Bytes) -> String {
    bytes.array.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

@Suite struct DigestTests {
    /// The examples that NIST publishes for FIPS 180-4, and the empty message.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            String(repeating: "a", count: 1_000_000),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        ),
    ])
    func `SHA-256 gives what NIST says`(message: String, digest: String) {
        #expect(hexadecimal(SHA256.digest(Bytes(message))) == digest)
    }

    /// RFC 4231, test cases 1, 2 and 6: a short key, a text, a key longer than a block.
    @Test(arguments: [
        (
            [UInt8](repeating: 0x0B, count: 20), "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131),
            "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ])
    func `HMAC gives what RFC 4231 says`(key: [UInt8], message: String, code: String) {
        let made = HMACSHA256.code(for: Bytes(message), key: Bytes(key))
        #expect(hexadecimal(made) == code)
        #expect(HMACSHA256.isValid(made, for: Bytes(message), key: Bytes(key)))
        #expect(!HMACSHA256.isValid(made, for: Bytes(message + "."), key: Bytes(key)))
    }

    @Test func `an empty key is the empty key, not the one before`() {
        _ = HMACSHA256.code(for: "message", key: "key")
        let code = HMACSHA256.code(for: .empty, key: .empty)
        #expect(
            hexadecimal(code)
                == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }

    @Test func `bytes are compared by value and length`() {
        #expect(isEqualInConstantTime("secret", "secret"))
        #expect(!isEqualInConstantTime("secret", "secreT"))
        #expect(!isEqualInConstantTime("secret", "secret1"))
        #expect(isEqualInConstantTime(.empty, .empty))
    }
}
