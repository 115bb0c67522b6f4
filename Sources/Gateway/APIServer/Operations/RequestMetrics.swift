import Buffers
import Observability

/// What the API server counts. The names follow kube-apiserver's where the meaning is the same.
final class RequestMetrics: Sendable {
    let registry: MetricsRegistry
    private let requests: CounterFamily

    init(registry: MetricsRegistry) {
        self.registry = registry
        requests = registry.counterFamily(
            "apiserver_request_total", help: "Requests by verb, resource and code.",
            labels: ["verb", "resource", "code"])
    }

    func count(verb: String, resource: String, code: Int) {
        requests.child(verb, resource, String(code)).increment()
    }
}
