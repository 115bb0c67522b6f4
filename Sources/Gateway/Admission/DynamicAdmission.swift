// What a cluster's own rules make of a request: webhooks, and policies in CEL.

import APIModel
import JSON
import Logging
import Observability
import Outbound
import WatchCache

/// Admission by objects of admissionregistration.k8s.io, as they are now. None of them is subject
/// to its own kind: a rule that refuses everything can still be taken away.
public struct DynamicAdmission: Sendable {
    private let mutating: MutatingWebhooks?
    private let validating: ValidatingWebhooks?
    private let policies: ValidatingPolicies?

    /// - Parameters:
    ///   - choice: which of the plugins are on.
    ///   - makeUID: makes what tells one question to a webhook from another.
    ///   - parameters: the objects of a kind, which policies may name; `nil` for one that is not
    ///     served.
    /// - Precondition: `cache` holds the kinds of admissionregistration.k8s.io, and namespaces.
    public init(
        _ cache: Cache, _ choice: AdmissionChoice, client: WebhookClient,
        registry: MetricsRegistry, log: Logger, makeUID: @escaping @Sendable () -> String,
        parameters: @escaping @Sendable (GroupVersionKind) -> ParameterKind?
    ) {
        let labels = LabelLookup(namespaces: CachedKind("core/namespaces", cache))
        let surroundings = WebhookSurroundings(
            client: client, figures: WebhookFigures(registry), labels: labels, log: log,
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
        policies =
            choice.isEnabled(ValidatingPolicies.name)
            ? ValidatingPolicies(
                policies: CompiledKind(cache.required("\(Self.group)/\(Self.policies)")) {
                    $0.map(Policy.init)
                },
                bindings: CompiledKind(cache.required("\(Self.group)/\(Self.bindings)")) {
                    $0.map(PolicyBinding.init)
                },
                kinds: parameters, labels: labels, checks: ValidatingPolicies.checks(registry))
            : nil
    }

    static let names = [
        MutatingWebhooks.name, ValidatingWebhooks.name, ValidatingPolicies.name,
    ]
    private static let policies = "validatingadmissionpolicies"
    private static let bindings = "validatingadmissionpolicybindings"
    private static let group = "admissionregistration.k8s.io"

    /// Whether somebody may change requests for `resource`. Costs a lock or two.
    public func mayChange(_ resource: GroupResource) -> Bool {
        resource.group != Self.group && mutating?.webhooks.content != nil
    }

    /// Whether somebody may judge requests for `resource`. Costs a lock or two.
    public func mayJudge(_ resource: GroupResource) -> Bool {
        mayAskWebhooks(resource) || mayAskPolicies(resource)
    }

    private func mayAskWebhooks(_ resource: GroupResource) -> Bool {
        resource.group != Self.group && validating?.webhooks.content != nil
    }

    /// Policies may judge the configurations of webhooks.
    private func mayAskPolicies(_ resource: GroupResource) -> Bool {
        let isOwn =
            resource.group == Self.group
            && [Self.policies, Self.bindings].contains(resource.resource)
        return !isOwn && policies?.isActive == true
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
        let resource = request.place.form.resource.groupResource
        if mayAskPolicies(resource) { try await policies?.run(request, &notes) }
        if mayAskWebhooks(resource) { try await validating?.run(request, &notes) }
    }
}
