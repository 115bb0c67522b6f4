import Buffers
import Testing

@testable import Compression

private let plainByteCountMax = 64 << 20

/// Bytes that compress about as well as JSON does.
private func text(_ byteCount: Int, seed: UInt64) -> Bytes {
    var state = seed
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount)
    while bytes.count < byteCount {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        bytes += Array("{\"name\":\"pod-\(state >> 40)\",\"phase\":\"Running\"},".utf8)
    }
    return Bytes(bytes[..<byteCount])
}

/// Bytes that do not compress.
private func noise(_ byteCount: Int) -> Bytes {
    var random = SystemRandomNumberGenerator()
    return Bytes((0..<byteCount).map { _ in UInt8.random(in: 0...255, using: &random) })
}

private func joined(_ parts: [Bytes]) -> Bytes { Bytes(parts.flatMap(\.array)) }

@Suite struct DeflaterTests {
    @Test(arguments: [0, 1, 100, 65_535, 65_536, 1 << 20])
    func `a whole gzip file gives back its bytes`(byteCount: Int) throws {
        let deflater = Deflater()
        for plain in [text(byteCount, seed: 1), noise(byteCount)] {
            let file = deflater.gzip([plain])
            #expect(try gunzip([file], byteCountMax: plainByteCountMax) == plain)
        }
    }

    @Test func `parts are compressed as if they were one`() throws {
        let parts = (0..<5).map { text(1_000 * $0, seed: UInt64($0)) }
        let file = Deflater().gzip(parts)
        #expect(file == Deflater().gzip([joined(parts)]))
        #expect(try gunzip([file], byteCountMax: plainByteCountMax) == joined(parts))
    }

    @Test func `a block does not depend on what was compressed before`() {
        let deflater = Deflater()
        let plain = text(10_000, seed: 3)
        let first = deflater.deflate(plain)
        _ = deflater.gzip([noise(5_000)])
        #expect(deflater.deflate(plain) == first)
        #expect(first.count < plain.count / 2)
    }

    @Test func `a pool lends each borrower a compressor of its own`() {
        let pool = DeflaterPool()
        pool.withDeflater { first in
            pool.withDeflater { second in #expect(first !== second) }
        }
    }
}

@Suite struct GzipAssemblyTests {
    @Test func `blocks joined in any order make one gzip file`() throws {
        let deflater = Deflater()
        let plains = [text(172_000, seed: 5), Bytes("x"), noise(70_000), text(3, seed: 6)]
        let blocks = plains.map { deflater.block([$0]) }
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1, 1, 0]] {
            var assembly = GzipAssembly()
            for index in order { assembly.append(blocks[index]) }
            let expected = assembly.compressedByteCount
            let file = assembly.finish()
            #expect(file.reduce(0) { $0 + $1.count } == expected)
            let plain = try gunzip(file, byteCountMax: plainByteCountMax)
            #expect(plain == joined(order.map { plains[$0] }))
        }
    }

    @Test func `stored and compressed blocks can be mixed`() throws {
        let list = [text(30_000, seed: 7), text(20_000, seed: 8)]
        let item = Deflater().block([list[1]])
        var assembly = GzipAssembly()
        assembly.append(DeflatedBlock(stored: list[0]))
        assembly.append(DeflatedBlock(DeflatedBlock(stored: ","), followedBy: item))
        assembly.append(DeflatedBlock(stored: .empty))
        let plain = try gunzip(assembly.finish(), byteCountMax: plainByteCountMax)
        #expect(plain == joined([list[0], ",", list[1]]))
    }

    @Test func `no blocks make an empty file`() throws {
        #expect(try gunzip(GzipAssembly().finish(), byteCountMax: 0) == .empty)
    }
}

@Suite struct CRC32Tests {
    @Test func `the checksum is that of the published check value`() {
        #expect(CRC32(of: "123456789").value == 0xcbf4_3926)
        #expect(CRC32().value == 0)
    }

    @Test func `combined checksums are those of the joined bytes`() {
        let first = text(1_234, seed: 9)
        for byteCount in [0, 1, 77_777] {
            let second = text(byteCount, seed: 10)
            var both = CRC32(of: first)
            both.update(second)
            let combined = CRC32.combine(
                CRC32(of: first), CRC32(of: second), byteCount: byteCount)
            #expect(combined == both)
        }
    }
}

@Suite struct GunzipTests {
    private let file = Deflater().gzip([text(100_000, seed: 11)])

    @Test func `a file that ends early is refused`() {
        #expect(throws: GunzipError.truncated) {
            try gunzip([file[0..<file.count - 1]], byteCountMax: plainByteCountMax)
        }
        #expect(throws: GunzipError.truncated) { try gunzip([], byteCountMax: 10) }
    }

    @Test func `a damaged file is refused`() {
        var damaged = file.array
        damaged[damaged.count - 6] ^= 1
        #expect(throws: GunzipError.malformed) {
            try gunzip([Bytes(damaged)], byteCountMax: plainByteCountMax)
        }
        #expect(throws: GunzipError.malformed) {
            try gunzip([file, "x"], byteCountMax: plainByteCountMax)
        }
    }

    @Test func `a file that holds more than the caller takes is refused`() {
        #expect(throws: GunzipError.tooLarge(byteCountMax: 99_999)) {
            try gunzip([file], byteCountMax: 99_999)
        }
    }

    @Test func `a file may come in parts of one byte`() throws {
        let small = Deflater().gzip([text(40_000, seed: 12)])
        let parts = (0..<small.count).map { small[$0..<$0 + 1] }
        #expect(try gunzip(parts, byteCountMax: plainByteCountMax) == text(40_000, seed: 12))
    }
}
