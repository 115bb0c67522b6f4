import Buffers
import Synchronization

/// The metrics of a process, written as Prometheus text (exposition format 0.0.4).
///
/// Metrics are made once, at start, and kept by the code that observes them.
/// - Precondition: each name is registered once and is a valid metric name.
public final class MetricsRegistry: Sendable {
    /// The media type of what `write(into:)` writes.
    public static let contentType: StaticString = "text/plain; version=0.0.4; charset=utf-8"

    private struct Registered {
        let help: String
        let typeName: StaticString
        let write: @Sendable (inout ByteBuffer) -> Void
    }

    private let registered = Mutex<[String: Registered]>([:])

    public init() {}

    public func counter(_ name: String, help: String) -> Counter {
        register(Counter(), name, help)
    }

    public func gauge(_ name: String, help: String) -> Gauge {
        register(Gauge(), name, help)
    }

    /// A gauge whose value is computed each time the metrics are written.
    public func gauge(_ name: String, help: String, compute: @escaping @Sendable () -> Double) {
        _ = register(ComputedGauge(compute: compute), name, help)
    }

    /// A counter whose value is computed each time the metrics are written; it must not fall.
    public func counter(_ name: String, help: String, compute: @escaping @Sendable () -> Double) {
        _ = register(ComputedCounter(compute: compute), name, help)
    }

    public func histogram(_ name: String, help: String, buckets: Buckets = .seconds) -> Histogram {
        register(Histogram(buckets: buckets), name, help)
    }

    public func counters(_ name: String, help: String, labels: [String]) -> Family<Counter> {
        register(Family(name: name, labels: labels) { Counter() }, name, help)
    }

    public func gauges(_ name: String, help: String, labels: [String]) -> Family<Gauge> {
        register(Family(name: name, labels: labels) { Gauge() }, name, help)
    }

    public func histograms(
        _ name: String, help: String, labels: [String], buckets: Buckets = .seconds
    ) -> Family<Histogram> {
        precondition(!labels.contains("le"), "the label le is the histogram's own")
        return register(
            Family(name: name, labels: labels) { Histogram(buckets: buckets) }, name, help)
    }

    /// Appends every metric, in the order of the names.
    public func write(into buffer: inout ByteBuffer) {
        let present = registered.withLock { $0.sorted { $0.key < $1.key } }
        for (name, metric) in present {
            buffer.append(literal: "# HELP ")
            buffer.append(utf8: name)
            buffer.append(UInt8(ascii: " "))
            buffer.append(escaping: metric.help, quotes: false)
            buffer.append(literal: "\n# TYPE ")
            buffer.append(utf8: name)
            buffer.append(UInt8(ascii: " "))
            buffer.append(literal: metric.typeName)
            buffer.append(UInt8(ascii: "\n"))
            metric.write(&buffer)
        }
    }

    private func register<M: Metric>(_ metric: M, _ name: String, _ help: String) -> M {
        let series = Series(name: name)
        add(
            name,
            Registered(help: help, typeName: M.typeName) {
                metric.writeSamples(of: series, into: &$0)
            })
        return metric
    }

    private func register<M: Metric>(
        _ family: Family<M>, _ name: String, _ help: String
    ) -> Family<M> {
        add(name, Registered(help: help, typeName: M.typeName) { family.writeSamples(into: &$0) })
        return family
    }

    private func add(_ name: String, _ metric: Registered) {
        precondition(isMetricName(name), "not a metric name: \(name)")
        let replaced = registered.withLock { $0.updateValue(metric, forKey: name) }
        precondition(replaced == nil, "registered twice: \(name)")
    }
}
