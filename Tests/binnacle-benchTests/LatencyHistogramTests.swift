import Testing

@testable import binnacle_bench

@Suite struct LatencyHistogramTests {
    @Test func `an empty histogram answers zero`() {
        #expect(LatencyHistogram().nanoseconds(at: 0.5) == 0)
    }

    @Test func `short durations are kept exactly`() {
        var histogram = LatencyHistogram()
        for value in 1...100 { histogram.record(nanoseconds: Int64(value)) }
        #expect(histogram.nanoseconds(at: 0.5) == 50)
        #expect(histogram.nanoseconds(at: 0.99) == 99)
        #expect(histogram.nanoseconds(at: 1) == 100)
    }

    @Test func `a percentile is off by less than half a percent`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var state = seed | 1
        var histogram = LatencyHistogram()
        var values: [Int64] = []
        for _ in 0..<5000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let value = Int64(state >> (1 + state >> 59))
            values.append(value)
            histogram.record(nanoseconds: value)
        }
        values.sort()
        for fraction in [0.001, 0.1, 0.5, 0.9, 0.99, 1] {
            let exact = Double(values[Int((5000 * fraction).rounded(.up)) - 1])
            let found = Double(histogram.nanoseconds(at: fraction))
            #expect(abs(found - exact) <= exact * 0.005, "\(fraction) of seed \(seed)")
        }
    }

    @Test func `added histograms count together`() {
        var first = LatencyHistogram()
        var second = LatencyHistogram()
        first.record(nanoseconds: 10)
        second.record(nanoseconds: 20)
        second.record(nanoseconds: 30)
        first.add(second)
        #expect(first.count == 3)
        #expect(first.nanoseconds(at: 0.5) == 20)
    }
}
