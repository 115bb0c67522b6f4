// The figures that are not counted but looked at, each time they are read.

import Observability
import Storage

/// Sizes and positions of a cache.
final class MeasuredFigures: Sendable {
    private let objects: Family<Gauge>
    private let logBytes: Family<Gauge>
    private let logEvents: Family<Gauge>
    private let oldest: Family<Gauge>
    private let applied: Gauge
    private let lists: Gauge
    private let refused: Gauge
    private let disk: DiskFigures

    init(_ registry: MetricsRegistry, labels: [String]) {
        objects = registry.gauges(
            "apiserver_storage_objects", help: "Objects.", labels: labels)
        logBytes = registry.gauges(
            "binnacle_log_memory_bytes", help: "Bytes of events in memory.", labels: labels)
        logEvents = registry.gauges(
            "binnacle_log_memory_events", help: "Events in memory.", labels: labels)
        oldest = registry.gauges(
            "binnacle_log_oldest_revision",
            help: "The oldest position that a watch may resume from, in memory and at all.",
            labels: labels + ["where"])
        applied = registry.gauge(
            "binnacle_cache_revision", help: "The newest revision that every resource shows.")
        lists = registry.gauge(
            "binnacle_cache_list_bytes", help: "Bytes of lists that are kept joined or compressed.")
        refused = registry.gauge(
            "binnacle_cache_refused_items", help: "Stored items that are not of their kind's form.")
        disk = DiskFigures(registry)
    }

    func refresh(_ cache: Cache) {
        for resource in cache.resources {
            let labels = ResourceLabels(resource.description.name)
            let (group, name) = (labels.group, labels.resource)
            let size = resource.logSize
            objects.child(group, name).set(Int64(resource.snapshot().count))
            logBytes.child(group, name).set(Int64(size.byteCount))
            logEvents.child(group, name).set(Int64(size.eventCount))
            oldest.child(group, name, "memory").set(resource.oldestInMemory)
            oldest.child(group, name, "window").set(resource.oldestRevision)
        }
        applied.set(cache.appliedRevision)
        lists.set(Int64(cache.leafByteCount))
        refused.set(Int64(cache.refusedItemCount))
        if let history = cache.common.history { disk.refresh(history, cache.appliedRevision) }
    }

    func forget(_ values: [String]) {
        for family in [objects, logBytes, logEvents, oldest] {
            family.removeChildren(startingWith: values)
        }
    }
}

/// What the log on disk measures: the store's own, or a journal's.
private final class DiskFigures: Sendable {
    private let bytes: Gauge
    private let fileBytes: Gauge
    private let age: Gauge
    private let waiting: Gauge
    private let lagRevisions: Gauge
    private let lagMilliseconds: Gauge
    private let oldest: Gauge

    init(_ registry: MetricsRegistry) {
        bytes = registry.gauge(
            "binnacle_history_bytes", help: "Bytes of events that are kept on disk.")
        fileBytes = registry.gauge(
            "binnacle_history_file_bytes", help: "Bytes of the files that keep them.")
        age = registry.gauge(
            "binnacle_history_age_seconds", help: "How old the oldest event on disk is.")
        waiting = registry.gauge(
            "binnacle_history_waiting_changes", help: "Changes that wait to be written.")
        lagRevisions = registry.gauge(
            "binnacle_history_lag_revisions", help: "Revisions that are applied and not on disk.")
        lagMilliseconds = registry.gauge(
            "binnacle_history_lag_milliseconds",
            help: "For how long the oldest of them has been waiting.")
        oldest = registry.gauge(
            "binnacle_history_oldest_revision",
            help: "The oldest position that events are kept after on disk.")
    }

    func refresh(_ history: any EventHistory, _ applied: Revision) {
        guard let figures = history.logFigures else { return }
        bytes.set(Int64(figures.byteCount))
        fileBytes.set(Int64(figures.fileByteCount ?? 0))
        age.set(figures.age.components.seconds)
        waiting.set(Int64(figures.waitingCount))
        let behind = applied.rawValue.subtractingReportingOverflow(figures.lastWritten.rawValue)
        lagRevisions.set(behind.overflow ? 0 : Int64(clamping: behind.partialValue))
        lagMilliseconds.set(Int64(figures.writeLag / .milliseconds(1)))
        oldest.set(history.oldestPosition)
    }
}

extension Gauge {
    fileprivate func set(_ revision: Revision) { set(Int64(clamping: revision.rawValue)) }
}
