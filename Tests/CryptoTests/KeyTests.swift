import Buffers
import Crypto
import Testing

@Suite struct KeyTests {
    @Test(arguments: [KeyKind.p256, .rsa])
    func `a new key comes back from PEM and signs`(kind: KeyKind) throws {
        let key = PrivateKey.generate(kind)
        #expect(String(key.pem).hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
        let read = try PrivateKey(pem: key.pem)
        #expect(read.kind == kind)
        #expect(read.publicKey == key.publicKey)
        let signature = read.signature(for: "message")
        #expect(key.publicKey.isValid(signature, for: "message"))
        #expect(!key.publicKey.isValid(signature, for: "massage"))
        #expect(PrivateKey.generate(kind).publicKey != key.publicKey)
    }

    @Test func `PKCS 1 and SEC 1 are read, and the numbers are those of the RFC`() throws {
        let rsa = try PrivateKey(pem: Bytes(PEMFixtures.rsaKey)).publicKey
        let published = try PublicKey(pem: Bytes(PEMFixtures.rsaPublicKey))
        #expect(rsa == published)
        guard case .rsa(let modulus, let exponent) = rsa.numbers else {
            Issue.record("not RSA")
            return
        }
        #expect(modulus.count == 256)
        #expect(hexadecimal(modulus).hasPrefix("a1f8160ae2e3c9b4"))
        #expect(exponent.array == [1, 0, 1])

        let p256 = try PrivateKey(pem: Bytes(PEMFixtures.p256Key)).publicKey
        guard case .p256(let x, let y) = p256.numbers else {
            Issue.record("not P-256")
            return
        }
        #expect(hexadecimal(x).hasPrefix("7fcdce2770f6c45d"))
        #expect(hexadecimal(y).hasPrefix("c7f144cd1bbd9b7e"))
    }

    @Test(arguments: [KeyKind.rsa, .p256])
    func `a public key comes back from its numbers and from PEM`(kind: KeyKind) throws {
        let key = try PEMFixtures.key(kind).publicKey
        let fromNumbers = try PublicKey(key.numbers)
        #expect(fromNumbers == key)
        #expect(fromNumbers.der == key.der)
        let fromPEM = try PublicKey(pem: key.pem)
        #expect(fromPEM == key)
    }

    @Test func `a point off the curve is no key`() throws {
        let key = try PrivateKey(pem: Bytes(PEMFixtures.p256Key)).publicKey
        guard case .p256(let x, let y) = key.numbers else { return }
        #expect(throws: CryptoError.self) { try PublicKey(.p256(x: y, y: x)) }
        #expect(throws: CryptoError.self) { try PublicKey(.p256(x: x, y: y.dropFirst(1))) }
    }

    @Test(arguments: [0, 1, 128, 255, 2000])
    func `a modulus that is too short or too long is no key`(byteCount: Int) {
        let modulus = Bytes([UInt8](repeating: 0xC5, count: byteCount))
        #expect(throws: CryptoError.self) {
            try PublicKey(.rsa(modulus: modulus, exponent: Bytes([1, 0, 1])))
        }
    }

    @Test func `an encrypted key is refused without a question`() {
        #expect(throws: CryptoError.encryptedKey) {
            try PrivateKey(pem: Bytes(PEMFixtures.encryptedKey))
        }
    }

    @Test func `a key that is not used is named`() {
        for (pem, name) in [
            (PEMFixtures.shortKey, "RSA of 1024 bits"), (PEMFixtures.p384Key, "curve secp384r1"),
            (PEMFixtures.ed25519Key, "ED25519"),
        ] {
            #expect(throws: CryptoError.unsupportedKey(name)) { try PrivateKey(pem: Bytes(pem)) }
        }
    }

    @Test(arguments: ["", "text", PEMFixtures.rsaPublicKey])
    func `text without a private key says so`(pem: String) {
        #expect(throws: CryptoError.noPEM(wanted: "PRIVATE KEY")) {
            try PrivateKey(pem: Bytes(pem))
        }
    }

    @Test func `a key that was cut off is malformed`() {
        let cut = PEMFixtures.rsaKey.replacing("MIIE", with: "MIIF")
        do {
            _ = try PrivateKey(pem: Bytes(cut))
            Issue.record("read a broken key")
        } catch {
            guard case .malformed(what: "private key", let reasons) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(!reasons.isEmpty)
        }
    }

    @Test func `a file that is too large is not read`() {
        let large = Bytes([UInt8](repeating: 0x20, count: 2 << 20))
        #expect(throws: CryptoError.self) { try PrivateKey(pem: large) }
        #expect(throws: CryptoError.self) { try PublicKey(pem: large) }
        #expect(throws: CryptoError.self) { try Certificate.bundle(pem: large) }
    }
}
