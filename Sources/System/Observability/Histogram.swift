import Buffers
import Synchronization

/// How observed values are spread over fixed buckets.
public final class Histogram: Metric, @unchecked Sendable {
    // Reason: `cells` points to atomics, allocated in `init` and freed in `deinit`.
    public static let typeName: StaticString = "histogram"

    private let shape: Buckets
    /// How many values fell into each bucket, and past the last bound.
    private let cells: UnsafeMutablePointer<Atomic<UInt64>>
    private let sum = Atomic<UInt64>(0.0.bitPattern)

    init(buckets: Buckets) {
        shape = buckets
        cells = .allocate(capacity: buckets.bounds.count + 1)
        for index in 0...buckets.bounds.count {
            (cells + index).initialize(to: Atomic(0))
        }
    }

    deinit {
        cells.deinitialize(count: shape.bounds.count + 1)
        cells.deallocate()
    }

    /// Counts `value` in the first bucket whose bound is not below it.
    public func observe(_ value: Double) { observe(value, count: 1) }

    /// Counts `value` as often as `count` says, at the cost of once.
    public func observe(_ value: Double, count: UInt64) {
        cells[shape.index(of: value)].wrappingAdd(count, ordering: .relaxed)
        let added = value * Double(count)
        var seen = sum.load(ordering: .relaxed)
        while true {
            let wanted = (Double(bitPattern: seen) + added).bitPattern
            let (exchanged, original) = sum.weakCompareExchange(
                expected: seen, desired: wanted, ordering: .relaxed)
            if exchanged { return }
            seen = original
        }
    }

    /// Counts `duration` in seconds, as often as `count` says.
    public func observe(_ duration: Duration, count: UInt64 = 1) {
        let (seconds, attoseconds) = duration.components
        observe(Double(seconds) + Double(attoseconds) * 1e-18, count: count)
    }

    public func writeSamples(of series: Series, into buffer: inout ByteBuffer) {
        // The count is the sum of the buckets read here, so that `_count` and `+Inf` always agree.
        var count: UInt64 = 0
        for index in 0...shape.bounds.count {
            count += cells[index].load(ordering: .relaxed)
            series.write(suffix: "_bucket", extra: shape.labels[index], into: &buffer)
            buffer.append(decimal: count)
            buffer.append(UInt8(ascii: "\n"))
        }
        series.write(suffix: "_sum", into: &buffer)
        buffer.append(number: Double(bitPattern: sum.load(ordering: .relaxed)))
        buffer.append(UInt8(ascii: "\n"))
        series.write(suffix: "_count", into: &buffer)
        buffer.append(decimal: count)
        buffer.append(UInt8(ascii: "\n"))
    }
}

/// The upper bounds of a histogram's buckets, each included in its bucket; the last, `+Inf`, is
/// added.
public struct Buckets: Sendable {
    let bounds: [Double]
    /// `le="0.005"` for each bound and for `+Inf`.
    let labels: [Bytes]

    /// - Precondition: the bounds are finite, rising, and at most `Limits.bucketCountMax`.
    public init(_ bounds: [Double]) {
        precondition(bounds.count <= Limits.bucketCountMax, "\(bounds.count) buckets")
        precondition(bounds.allSatisfy(\.isFinite), "a bound is not finite: \(bounds)")
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy(<), "bounds do not rise: \(bounds)")
        self.bounds = bounds
        labels = (bounds + [.infinity]).map { bound in
            var label = ByteBuffer()
            label.append(literal: "le=\"")
            label.append(number: bound)
            label.append(UInt8(ascii: "\""))
            return label.freeze()
        }
    }

    /// From half a millisecond to a minute: the seconds that a request or a write takes.
    public static let seconds = Buckets([
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ])

    /// `count` bounds from `start`, each `factor` times the one before.
    /// - Precondition: `start` is positive and `factor` above one.
    public static func exponential(from start: Double, factor: Double, count: Int) -> Buckets {
        precondition(start > 0 && factor > 1, "from \(start) by \(factor)")
        var bounds: [Double] = []
        var bound = start
        for _ in 0..<count {
            bounds.append(bound)
            bound *= factor
        }
        return Buckets(bounds)
    }

    func index(of value: Double) -> Int {
        bounds.withUnsafeBufferPointer { bounds in
            var index = 0
            while index < bounds.count, !(value <= bounds[index]) { index += 1 }
            return index
        }
    }
}
