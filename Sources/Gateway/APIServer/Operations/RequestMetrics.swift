import EventLoops
import Observability
import Synchronization

/// What a request does, as kube-apiserver's metrics name it; long-polls are ours.
enum MeasuredVerb: Int, CaseIterable {
    case get, list, watch, poll, create, update, patch, delete, deletecollection

    init(_ verb: RequestVerb) {
        switch verb {
        case .get: self = .get
        case .list: self = .list
        case .watch: self = .watch
        case .create: self = .create
        case .update: self = .update
        case .patch: self = .patch
        case .delete: self = .delete
        case .deletecollection: self = .deletecollection
        }
    }

    var label: String {
        switch self {
        case .get: "GET"
        case .list: "LIST"
        case .watch: "WATCH"
        case .poll: "POLL"
        case .create: "POST"
        case .update: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        case .deletecollection: "DELETECOLLECTION"
        }
    }
}

/// What the API server counts. The names follow kube-apiserver's where the meaning is the same.
final class RequestMetrics: Sendable {
    let registry: MetricsRegistry
    let requests: Family<Counter>
    let durations: Family<Histogram>
    let longRunning: Family<Gauge>

    init(registry: MetricsRegistry) {
        self.registry = registry
        let labels = ["verb", "group", "resource"]
        requests = registry.counters(
            "apiserver_request_total", help: "Requests by verb, resource and code.",
            labels: labels + ["code"])
        durations = registry.histograms(
            "apiserver_request_duration_seconds",
            help: "From a request's last byte to its answer, without those that wait on purpose.",
            labels: labels, buckets: Self.durationBuckets)
        longRunning = registry.gauges(
            "apiserver_longrunning_requests",
            help: "Watch streams, and requests that wait for a change.", labels: labels)
    }

    /// From 25 µs, which a read from the cache takes, to a minute.
    private static let durationBuckets = Buckets([
        0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
        0.25, 0.5, 1, 2.5, 5, 10, 60,
    ])
}

/// One resource's request figures. Those of usual answers are found without a lock.
final class RequestCounters: Sendable {
    private let metrics: RequestMetrics
    private let group: String
    private let resource: String
    private let answered: [Kept<Counter>]
    private let unchanged: Kept<Counter>
    private let durations: [Kept<Histogram>]
    private let longRunning: [Kept<Gauge>]

    init(_ metrics: RequestMetrics, group: String, resource: String) {
        self.metrics = metrics
        self.group = group
        self.resource = resource
        answered = MeasuredVerb.allCases.map { _ in Kept() }
        unchanged = Kept()
        durations = MeasuredVerb.allCases.map { _ in Kept() }
        longRunning = MeasuredVerb.allCases.map { _ in Kept() }
    }

    /// Counts an answer.
    func count(_ verb: MeasuredVerb, code: Int) {
        let make = { [self] in
            metrics.requests.child(verb.label, group, resource, String(code))
        }
        let counter =
            switch (code, verb) {
            case (200, _): answered[verb.rawValue].value(make)
            case (304, .get): unchanged.value(make)
            default: make()
            }
        counter.increment()
    }

    /// Counts how long an answer took that was asked for at `began`.
    func time(_ verb: MeasuredVerb, since began: LoopTime, to now: LoopTime) {
        let histogram = durations[verb.rawValue].value { [self] in
            metrics.durations.child(verb.label, group, resource)
        }
        histogram.observe(Double(now.nanoseconds - began.nanoseconds) * 1e-9)
    }

    /// How many requests of this verb last now.
    func lasting(_ verb: MeasuredVerb) -> Gauge {
        longRunning[verb.rawValue].value { [self] in
            metrics.longRunning.child(verb.label, group, resource)
        }
    }
}

/// A metric that is made when it is first needed, so that what never happens is not written.
private final class Kept<Child: Metric & AnyObject>: Sendable {
    private let reference = AtomicLazyReference<Child>()

    func value(_ make: () -> Child) -> Child {
        reference.load() ?? reference.storeIfNil(make())
    }
}
