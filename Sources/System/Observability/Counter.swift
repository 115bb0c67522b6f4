import Buffers
import Synchronization

/// A number that only grows.
public final class Counter: Metric {
    public static let typeName: StaticString = "counter"
    private let cell = Atomic<UInt64>(0)

    init() {}

    /// Adds `amount`; the sum wraps around at 2^64.
    public func increment(by amount: UInt64 = 1) { cell.wrappingAdd(amount, ordering: .relaxed) }

    public var value: UInt64 { cell.load(ordering: .relaxed) }

    public func writeSamples(of series: Series, into buffer: inout ByteBuffer) {
        series.write(into: &buffer)
        buffer.append(decimal: value)
        buffer.append(UInt8(ascii: "\n"))
    }
}

/// A number that rises and falls.
public final class Gauge: Metric {
    public static let typeName: StaticString = "gauge"
    private let cell = Atomic<Int64>(0)

    init() {}

    public func set(_ value: Int64) { cell.store(value, ordering: .relaxed) }
    public func increment(by amount: Int64 = 1) { cell.wrappingAdd(amount, ordering: .relaxed) }
    public func decrement(by amount: Int64 = 1) {
        cell.wrappingSubtract(amount, ordering: .relaxed)
    }

    public var value: Int64 { cell.load(ordering: .relaxed) }

    public func writeSamples(of series: Series, into buffer: inout ByteBuffer) {
        series.write(into: &buffer)
        buffer.append(decimal: value)
        buffer.append(UInt8(ascii: "\n"))
    }
}

/// A number that is asked for when the metrics are read.
struct ComputedGauge: Metric {
    static let typeName: StaticString = "gauge"
    let compute: @Sendable () -> Double

    func writeSamples(of series: Series, into buffer: inout ByteBuffer) {
        series.write(into: &buffer)
        buffer.append(number: compute())
        buffer.append(UInt8(ascii: "\n"))
    }
}

/// The same for a number that only grows.
struct ComputedCounter: Metric {
    static let typeName: StaticString = "counter"
    let compute: @Sendable () -> Double

    func writeSamples(of series: Series, into buffer: inout ByteBuffer) {
        ComputedGauge(compute: compute).writeSamples(of: series, into: &buffer)
    }
}
