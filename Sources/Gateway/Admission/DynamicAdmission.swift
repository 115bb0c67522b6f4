// What a cluster's own rules make of a request: webhooks, and policies in CEL.

import APIModel
import JSON
import Logging
import Observability
import WatchCache
import Webhooks

/// Admission by objects of admissionregistration.k8s.io, as they are now. The kinds of that group
/// are never subject to themselves: a rule that refuses everything can still be taken away.
public struct DynamicAdmission: Sendable {
    private let mutating: MutatingWebhooks?
    private let validating: ValidatingWebhooks?

    /// - Parameters:
    ///   - choice: which of the plugins are on.
    ///   - makeUID: makes what tells one question to a webhook from another.
    /// - Precondition: `cache` holds the kinds of admissionregistration.k8s.io, and namespaces.
    public init(
        _ cache: Cache, _ choice: AdmissionChoice, client: WebhookClient,
        registry: MetricsRegistry, log: Logger, makeUID: @escaping @Sendable () -> String
    ) {
        let surroundings = WebhookSurroundings(
            client: client, figures: WebhookFigures(registry),
            labels: LabelLookup(namespaces: CachedKind("core/namespaces", cache)), log: log,
            makeUID: makeUID)
        func webhooks(_ plural: String) -> CompiledKind<[Webhook]> {
            CompiledKind(cache.required("\(Self.group)/\(plural)"), Webhook.all)
        }
        mutating =
            choice.isEnabled(MutatingWebhooks.name)
            ? MutatingWebhooks(
                webhooks: webhooks("mutatingwebhookconfigurations"), surroundings: surroundings)
            : nil
        validating =
            choice.isEnabled(ValidatingWebhooks.name)
            ? ValidatingWebhooks(
                webhooks: webhooks("validatingwebhookconfigurations"), surroundings: surroundings)
            : nil
    }

    static let names = [MutatingWebhooks.name, ValidatingWebhooks.name]
    private static let group = "admissionregistration.k8s.io"

    /// Whether somebody may change requests for `resource`. Costs a lock or two.
    public func mayChange(_ resource: GroupResource) -> Bool {
        resource.group != Self.group && mutating?.webhooks.content != nil
    }

    /// Whether somebody may judge requests for `resource`. Costs a lock or two.
    public func mayJudge(_ resource: GroupResource) -> Bool {
        resource.group != Self.group && validating?.webhooks.content != nil
    }

    /// Lets webhooks change the object of a request, which has its defaults and has not been
    /// validated.
    /// - Parameter plugins: fills in what the server's own plugins do.
    /// - Throws: the first refusal, or 500 when a webhook cannot be asked that must be.
    public func mutate(
        _ request: inout AdmissionRequest, _ notes: inout AdmissionNotes,
        plugins: (inout JSONValue) throws(APIStatus) -> Void
    ) async throws(APIStatus) {
        try await mutating?.run(&request, &notes, plugins: plugins)
    }

    /// Lets webhooks and policies judge a request, whose object has been validated.
    /// - Throws: a refusal, or 500 when a webhook cannot be asked that must be.
    public func validate(
        _ request: AdmissionRequest, _ notes: inout AdmissionNotes
    ) async throws(APIStatus) {
        try await validating?.run(request, &notes)
    }
}

extension Cache {
    /// - Precondition: the cache holds it.
    func required(_ name: String) -> ResourceCache {
        guard let resource = resource(name) else {
            preconditionFailure("the cache does not hold \(name)")
        }
        return resource
    }
}
