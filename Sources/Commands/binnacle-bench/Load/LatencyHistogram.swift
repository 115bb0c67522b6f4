// How long things took, in buckets that are at most 1/128 wide.
//
// Our own, and not the HdrHistogram package: that one brings swift-numerics and two build plugins
// for what fits on a page here.

/// Counts of nanoseconds. A bucket is at most 0.8 % wide, so that a percentile is off by 0.4 % at
/// most.
struct LatencyHistogram {
    /// Buckets of one power of two.
    private static let bucketsPerOctaveBits = 7
    private static let bucketCount = (64 - bucketsPerOctaveBits + 1) << bucketsPerOctaveBits

    private var counts = [UInt64](repeating: 0, count: bucketCount)
    private(set) var count: UInt64 = 0

    /// Counts one duration. Negative ones, which clocks do not give, count as zero.
    mutating func record(nanoseconds: Int64) {
        counts[Self.bucket(of: UInt64(max(nanoseconds, 0)))] += 1
        count += 1
    }

    mutating func add(_ other: LatencyHistogram) {
        for index in counts.indices { counts[index] += other.counts[index] }
        count += other.count
    }

    /// The value that `fraction` of all are not above: 0.5 is the median. Zero when there are none.
    func nanoseconds(at fraction: Double) -> Int64 {
        guard count > 0 else { return 0 }
        let wanted = max(UInt64((Double(count) * fraction).rounded(.up)), 1)
        var seen: UInt64 = 0
        for (index, here) in counts.enumerated() {
            seen += here
            if seen >= wanted { return Self.middle(of: index) }
        }
        return Self.middle(of: counts.count - 1)
    }

    private static func bucket(of value: UInt64) -> Int {
        let exponent = 63 - max(value, 1).leadingZeroBitCount
        let shift = max(exponent - bucketsPerOctaveBits, 0)
        return shift << bucketsPerOctaveBits + Int(value >> UInt64(shift))
    }

    private static func middle(of bucket: Int) -> Int64 {
        guard bucket >= 2 << bucketsPerOctaveBits else { return Int64(bucket) }
        let shift = bucket >> bucketsPerOctaveBits - 1
        let start = UInt64(bucket - shift << bucketsPerOctaveBits) << UInt64(shift)
        return Int64(clamping: start + (1 << UInt64(shift)) / 2)
    }
}
