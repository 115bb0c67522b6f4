import Buffers
import Testing

@testable import Access

@Suite struct Base64URLTests {
    /// RFC 4648, section 10, without padding, and the two characters that differ from Base64.
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"),
        ("fooba", "Zm9vYmE"), ("foobar", "Zm9vYmFy"), ("~~~???", "fn5-Pz8_"),
    ])
    func `text is encoded and decoded as in the RFC`(plain: String, encoded: String) {
        #expect(Base64URL.encode(Bytes(plain)) == encoded)
        #expect(Base64URL.decode(Bytes(encoded)) == Bytes(plain))
    }

    @Test(arguments: ["A", "AAAAA", "Zg==", "Zm8=", "Zm9+", "Zm9/", "Zm 9", "Zm9v\n", "Zm.9"])
    func `what is not in the alphabet or has a wrong length is refused`(text: String) {
        #expect(Base64URL.decode(Bytes(text)) == nil)
    }

    /// Bits that stand for nothing would let one text be written in several ways.
    @Test(arguments: ["Zh", "Zv", "Zm9vYh", "Zm9", "Zm-"])
    func `leftover bits must be zero`(text: String) {
        #expect(Base64URL.decode(Bytes(text)) == nil)
    }

    @Test func `all bytes of all lengths come back`() {
        for count in 0...66 {
            let bytes = Bytes((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) })
            #expect(Base64URL.decode(Bytes(Base64URL.encode(bytes))) == bytes)
        }
    }
}
