import Buffers
import Crypto
import Testing

@Suite struct RandomBytesTests {
    @Test func `two draws of sixteen bytes differ`() {
        #expect(randomBytes(16) != randomBytes(16))
        #expect(randomBytes(16).count == 16)
    }
}
