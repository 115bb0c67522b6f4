import Buffers
import Observability
import Storage
import WatchCache

/// What the API server counts. The names follow kube-apiserver's where the meaning is the same.
final class RequestMetrics: Sendable {
    let registry: MetricsRegistry
    let openWatches: Gauge
    let requests: Family<Counter>
    private let objects: Family<Gauge>
    private let oldest: Family<Gauge>
    private let logBytes: Family<Gauge>
    private let logEvents: Family<Gauge>

    init(registry: MetricsRegistry, cache: Cache) {
        self.registry = registry
        requests = registry.counters(
            "apiserver_request_total", help: "Requests by verb, resource and code.",
            labels: ["verb", "resource", "code"])
        openWatches = registry.gauge(
            "apiserver_registered_watchers", help: "Open watch streams.")
        objects = registry.gauges(
            "apiserver_storage_objects", help: "Objects by resource.", labels: ["resource"])
        oldest = registry.gauges(
            "binnacle_log_oldest_revision",
            help: "The oldest position that a watch may resume from.", labels: ["resource"])
        logBytes = registry.gauges(
            "binnacle_log_bytes", help: "Bytes of events in memory.", labels: ["resource"])
        logEvents = registry.gauges(
            "binnacle_log_events", help: "Events in memory.", labels: ["resource"])
        registry.gauge(
            "binnacle_cache_revision", help: "The newest revision that every resource shows.",
            compute: { Double(cache.appliedRevision.rawValue) })
        registry.gauge(
            "binnacle_history_read_events",
            help: "Past events that were read from disk since the start.",
            compute: { Double(cache.pastCounts.eventCount) })
        registry.gauge(
            "binnacle_cache_list_bytes", help: "Bytes of lists that are kept joined or compressed.",
            compute: { Double(cache.leafByteCount) })
        registry.gauge(
            "binnacle_cache_refused_items", help: "Stored items that are not of their kind's form.",
            compute: { Double(cache.refusedItemCount) })
    }

    /// Brings the figures that are read, not counted, up to date.
    func refresh(_ endpoints: [ResourceEndpoint]) {
        for endpoint in endpoints {
            let cache = endpoint.cache
            let name = cache.description.name
            objects.child(name).set(Int64(cache.snapshot().count))
            oldest.child(name).set(Int64(clamping: cache.oldestRevision.rawValue))
            let size = cache.logSize
            logBytes.child(name).set(Int64(size.byteCount))
            logEvents.child(name).set(Int64(size.eventCount))
        }
    }
}

/// One resource's request counters. Those of answers that are usual are at hand.
final class RequestCounters: Sendable {
    private let family: Family<Counter>
    private let resource: String
    private let answered: [Counter]

    init(_ family: Family<Counter>, resource: String) {
        self.family = family
        self.resource = resource
        answered = RequestVerb.allCases.map { family.child($0.rawValue, resource, "200") }
    }

    func count(_ verb: RequestVerb, code: Int) {
        if code == 200 {
            answered[verb.index].increment()
        } else {
            family.child(verb.rawValue, resource, String(code)).increment()
        }
    }
}
