// A webhook, as its configuration describes it.

import APIModel
import JSON
import Outbound
import Resources

/// One of the `webhooks` of a configuration (admissionregistration.k8s.io/v1).
struct Webhook: Sendable {
    /// Which one it is among all of its kind.
    struct ID: Hashable, Sendable {
        let configuration: String
        let index: Int
    }

    let id: ID
    let name: String
    let address: WebhookAddress
    let matcher: RequestMatcher
    let conditions: MatchConditions
    let timeoutSeconds: Int64
    /// Whether a webhook that cannot be asked lets requests pass.
    let failsOpen: Bool
    /// Whether it may be asked about a request that changes nothing.
    let allowsDryRun: Bool
    /// Whether it wants to see what others have changed after it.
    let isReinvocable: Bool
    /// Of the versions that it and this server know, the one that it likes best.
    let reviewVersion: ReviewVersion?

    init(_ webhook: JSONValue, _ id: ID) {
        self.id = id
        name = webhook.text("name")
        address = WebhookAddress(clientConfig: webhook["clientConfig"] ?? .null)
        matcher = RequestMatcher(webhook, rules: webhook.list("rules"))
        conditions = MatchConditions(webhook.list("matchConditions"))
        timeoutSeconds = webhook["timeoutSeconds"]?.int ?? Limits.webhookSeconds
        failsOpen = webhook.text("failurePolicy") == "Ignore"
        allowsDryRun = ["None", "NoneOnDryRun"].contains(webhook.text("sideEffects"))
        isReinvocable = webhook.text("reinvocationPolicy") == "IfNeeded"
        reviewVersion =
            webhook.list("admissionReviewVersions").lazy
            .compactMap(\.string).compactMap(ReviewVersion.init).first
    }

    /// Those of all configurations, in the order in which they are asked.
    static func all(of configurations: [JSONValue]) -> [Webhook] {
        configurations.flatMap { configuration in
            let name = ObjectMeta(of: configuration).name
            return configuration.list("webhooks").enumerated().map { index, webhook in
                Webhook(webhook, ID(configuration: name, index: index))
            }
        }
    }

    /// Whether it is to be asked about `request`, and in which version.
    /// - Throws: 403 when a condition has no value and the webhook fails closed, 500 when the
    ///   objects cannot be had in the version.
    func match(
        _ request: AdmissionRequest, _ labels: LabelLookup
    ) async throws(APIStatus) -> RequestMatcher.Match? {
        guard let match = try await matcher.match(request, namespaceLabels: labels) else {
            return nil
        }
        guard !conditions.isEmpty else { return match }
        switch conditions.verdict(request.variables(as: match)) {
        case .met: return match
        case .notMet: return nil
        case .failed(let why):
            if failsOpen { return nil }
            throw .forbidden(
                request.place.form.resource.groupResource, request.place.name, problem: why)
        }
    }
}
