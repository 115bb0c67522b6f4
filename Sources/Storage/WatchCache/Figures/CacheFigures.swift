// The families of a cache's figures. Names and labels follow kube-apiserver's where the meaning is
// the same.

import Observability
import Storage

/// A resource's name as Kubernetes' metrics write it.
struct ResourceLabels: Hashable {
    let group: String
    let resource: String

    /// - Parameter name: as in `ResourceDescription`; the group `core` is written as none.
    init(_ name: String) {
        let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
        group = parts[0] == "core" ? "" : parts[0]
        resource = parts[1]
    }
}

/// Every figure of a cache. What is counted is in `ResourceFigures`; the rest is measured by
/// `Cache.refreshFigures`.
final class CacheFigures: Sendable {
    let eventsApplied: Family<Counter>
    let eventsSent: Family<Counter>
    let bookmarksSent: Family<Counter>
    let deliveryLag: Family<Histogram>
    let pastEvents: Family<Counter>
    let pastReads: Family<Counter>
    let corrections: Family<Counter>
    let readWait: Family<Histogram>
    let reads: Family<Counter>
    let starts: Family<Counter>
    let watchers: Family<Gauge>
    let checks: Family<Counter>
    let checkDuration: Histogram
    let gauges: MeasuredFigures

    private static let labels = ["group", "resource"]

    init(_ registry: MetricsRegistry) {
        let labels = Self.labels
        func counters(_ name: String, _ help: String, _ more: String...) -> Family<Counter> {
            registry.counters(name, help: help, labels: labels + more)
        }
        eventsApplied = counters(
            "apiserver_watch_cache_events_received_total",
            "Events that the cache has applied.")
        eventsSent = counters(
            "apiserver_watch_events_total",
            "Events, bookmarks among them, that were handed to watch streams.")
        bookmarksSent = counters(
            "binnacle_watch_bookmarks_total", "Bookmarks that were handed to watch streams.")
        pastEvents = counters(
            "binnacle_history_read_events_total", "Past events that were read from disk.")
        pastReads = counters(
            "binnacle_history_reads_total", "Pages of past events that were read from disk.")
        corrections = counters(
            "binnacle_cache_corrected_objects_total",
            "Objects that a check found to differ from the store and that were set right.")
        reads = counters(
            "binnacle_cache_reads_total",
            "Reads of objects and lists by where their state came from.", "origin")
        starts = counters(
            "binnacle_watch_starts_total",
            "Watches and long-polls by where their first events came from.", "reader", "outcome")
        checks = counters(
            "apiserver_storage_consistency_checks_total",
            "Comparisons of the cache with the store.", "status")
        watchers = registry.gauges(
            "binnacle_watchers", help: "Watch streams by what they are doing.",
            labels: labels + ["state"])
        deliveryLag = Self.deliveryLag(registry)
        readWait = Self.readWait(registry)
        checkDuration = registry.histogram(
            "binnacle_cache_check_seconds", help: "How long comparing one resource took.",
            buckets: Self.checkBuckets)
        gauges = MeasuredFigures(registry, labels: labels)
    }

    private static func deliveryLag(_ registry: MetricsRegistry) -> Family<Histogram> {
        registry.histograms(
            "binnacle_watch_delivery_seconds",
            help: "From applying an event to handing it to a stream that keeps up.",
            labels: labels, buckets: deliveryBuckets)
    }

    private static func readWait(_ registry: MetricsRegistry) -> Family<Histogram> {
        registry.histograms(
            "apiserver_watch_cache_read_wait_seconds",
            help: "How long reads waited for a revision that the cache had not reached.",
            labels: labels, buckets: waitBuckets)
    }

    func resource(_ name: String) -> ResourceFigures {
        ResourceFigures(self, ResourceLabels(name))
    }

    /// Writes no more of a resource that is gone.
    func forget(_ name: String) {
        let labels = ResourceLabels(name)
        let values = [labels.group, labels.resource]
        for family in [
            eventsApplied, eventsSent, bookmarksSent, pastEvents, pastReads, corrections, reads,
            starts, checks,
        ] { family.removeChildren(startingWith: values) }
        for family in [deliveryLag, readWait] { family.removeChildren(startingWith: values) }
        watchers.removeChildren(startingWith: values)
        gauges.forget(values)
    }

    /// From 50 µs, which a few watchers take, to ten seconds, which a stalled loop would take.
    private static let deliveryBuckets = Buckets([
        0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
        1, 2.5, 10,
    ])
    /// Up to the three seconds after which a read is refused.
    private static let waitBuckets = Buckets([
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3,
    ])
    /// With its pauses a check of 100,000 objects takes some seconds.
    private static let checkBuckets = Buckets([0.001, 0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300])
}
