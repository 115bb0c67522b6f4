import Buffers
import Testing

@testable import SQLiteStorage

struct ChecksumTests {
    private func hash(_ text: String, seed: UInt64 = 0) -> UInt64 {
        Bytes(text).withUnsafeBytes { xxh64($0, seed: seed) }
    }

    @Test func `the checksum is XXH64`() {
        #expect(hash("") == 0xef46_db37_51d8_e999)
        #expect(hash("a") == 0xd24e_c4f1_a98c_6e5b)
        #expect(hash("abc") == 0x44bc_2cf5_ad77_0999)
    }

    @Test func `every bit of every length counts`() {
        for count in [1, 3, 4, 7, 8, 12, 31, 32, 33, 63, 64, 100] {
            var seen: Set<UInt64> = []
            let bytes = (0..<count).map { UInt8($0) }
            for bit in 0..<(count * 8) {
                var changed = bytes
                changed[bit / 8] ^= 1 << (bit % 8)
                seen.insert(Bytes(changed).withUnsafeBytes { xxh64($0, seed: 1) })
            }
            #expect(seen.count == count * 8, "\(count) bytes")
        }
    }
}
