// Random input that can be made again from its seed.

import Glibc

/// A small generator with a seed that can be printed and given again (SplitMix64).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    public let seed: UInt64
    private var state: UInt64

    public init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    /// The seed of the environment variable `BINNACLE_TEST_SEED`, or a new one.
    public init() {
        let given = getenv("BINNACLE_TEST_SEED").flatMap { UInt64(String(cString: $0)) }
        self.init(seed: given ?? .random(in: 0...UInt64(UInt32.max)))
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
