import APIModel
import Testing

@Suite struct Base64Tests {
    /// RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func `it is that of RFC 4648`(text: String, encoded: String) {
        #expect(Base64.encode(text) == encoded)
        #expect(Base64.decode(encoded) == Array(text.utf8))
        #expect(Base64.decodedByteCount(encoded) == text.utf8.count)
    }

    @Test func `every byte comes back`() {
        for start in 0..<3 {
            let bytes = (start...255).map { UInt8($0) }
            let text = bytes.withUnsafeBytes { Base64.encode($0) }
            #expect(Base64.decode(text) == bytes)
        }
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        let bytes = Base64.decode(alphabet) ?? []
        #expect(bytes.withUnsafeBytes { Base64.encode($0) } == alphabet)
    }

    @Test(arguments: ["Zg=", "Z", "Zg==Zg==", "Z.==", "===="])
    func `what is not Base64 is not decoded`(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}
