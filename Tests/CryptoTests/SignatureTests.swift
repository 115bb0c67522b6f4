import Buffers
import Crypto
import Testing

@Suite struct SignatureTests {
    @Test func `ES256 is two numbers of 32 bytes, also when they are small`() throws {
        let key = try PrivateKey(pem: Bytes(PEMFixtures.p256Key))
        for round in 0..<300 {
            // One in 128 signatures has a number that begins with a zero byte.
            let message = Bytes("message \(round)")
            let signature = key.signature(for: message)
            #expect(signature.count == 64)
            #expect(key.publicKey.isValid(signature, for: message))
        }
    }

    @Test(arguments: [KeyKind.rsa, .p256])
    func `a flipped bit anywhere makes a signature wrong`(kind: KeyKind) throws {
        let key = try PEMFixtures.key(kind)
        let signature = key.signature(for: "message").array
        for bit in stride(from: 0, to: signature.count * 8, by: 5) {
            var flipped = signature
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(!key.publicKey.isValid(Bytes(flipped), for: "message"), "bit \(bit)")
        }
    }

    @Test(arguments: [KeyKind.rsa, .p256])
    func `a signature of another length is wrong`(kind: KeyKind) throws {
        let key = try PEMFixtures.key(kind)
        let signature = key.signature(for: "message").array
        for other in [[], [0], Array(signature.dropLast()), signature + [0], [0] + signature] {
            #expect(!key.publicKey.isValid(Bytes(other), for: "message"))
        }
    }

    @Test func `zeros are no signature`() throws {
        let key = try PrivateKey(pem: Bytes(PEMFixtures.p256Key)).publicKey
        #expect(!key.isValid(Bytes([UInt8](repeating: 0, count: 64)), for: "message"))
        #expect(!key.isValid(Bytes([UInt8](repeating: 0xFF, count: 64)), for: "message"))
    }
}
