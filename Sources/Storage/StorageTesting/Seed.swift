import Buffers
import SeedTesting

/// Runs `body` with a generator, and names the seed when it fails.
func withSeed(_ body: (inout SeededGenerator) async throws -> Void) async throws {
    var random = SeededGenerator()
    do {
        try await body(&random)
    } catch {
        throw Violation(description: "BINNACLE_TEST_SEED=\(random.seed): \(error)")
    }
}

extension Bytes {
    /// A short number for comparing values across processes (FNV-1a, 64 bits).
    public var digest: UInt64 {
        withUnsafeBytes { buffer in
            buffer.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
        }
    }
}
