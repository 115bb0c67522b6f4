// What is counted of calls to webhooks, by the names of kube-apiserver.

import Observability

/// Counts and times calls to webhooks, by the name of each.
struct WebhookFigures: Sendable {
    /// What a call is part of, as the metrics call it.
    enum Phase: String, Sendable {
        case mutating = "admit"
        case validating
    }

    /// Why a request was refused.
    enum RefusalType: String {
        case webhook = "no_error"
        case call = "calling_webhook_error"
        case server = "apiserver_internal_error"
    }

    private let durations: Family<Histogram>
    private let requests: Family<Counter>
    private let refusals: Family<Counter>
    private let openFailures: Family<Counter>

    init(_ registry: MetricsRegistry) {
        let labels = ["name", "type", "operation"]
        durations = registry.histograms(
            "apiserver_admission_webhook_admission_duration_seconds",
            help: "Calls to webhooks, by name, and whether the request was refused.",
            labels: labels + ["rejected"], buckets: Self.buckets)
        requests = registry.counters(
            "apiserver_admission_webhook_request_total",
            help: "Calls to webhooks, by name, and the code of the verdict.",
            labels: labels + ["code", "rejected"])
        refusals = registry.counters(
            "apiserver_admission_webhook_rejection_count",
            help: "Requests refused because of webhooks, by name and cause.",
            labels: labels + ["error_type", "rejection_code"])
        openFailures = registry.counters(
            "apiserver_admission_webhook_fail_open_count",
            help: "Requests let pass because a webhook could not be asked.",
            labels: ["name", "type"])
    }

    private static let buckets = Buckets([0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25])

    /// - Parameter code: of the refusal; 200 for none.
    func called(_ call: WebhookCall, took: Duration, code: Int) {
        let (name, type, operation) = call.labels
        let isRefused = String(code >= 400)
        durations.child(name, type, operation, isRefused).observe(took)
        requests.child(name, type, operation, String(code), isRefused).increment()
    }

    func refused(_ call: WebhookCall, _ type: RefusalType, code: Int) {
        let labels = call.labels
        refusals.child(labels.name, labels.type, labels.operation, type.rawValue, String(code))
            .increment()
    }

    func failedOpen(_ call: WebhookCall) {
        openFailures.child(call.labels.name, call.labels.type).increment()
    }
}
