// Webhooks that judge an object as it will be stored.

import APIModel

/// Kubernetes' `ValidatingAdmissionWebhook`: asks all webhooks at once.
struct ValidatingWebhooks: Sendable {
    static let name = "ValidatingAdmissionWebhook"

    let webhooks: CompiledKind<[Webhook]>
    let surroundings: WebhookSurroundings

    /// - Throws: of several refusals the one whose webhook comes first.
    func run(
        _ request: AdmissionRequest, _ notes: inout AdmissionNotes
    ) async throws(APIStatus) {
        guard let webhooks = webhooks.content else { return }
        var calls: [WebhookCall] = []
        for webhook in webhooks {
            guard let match = try await webhook.match(request, surroundings.labels) else {
                continue
            }
            calls.append(
                WebhookCall(
                    webhook: webhook, phase: .validating, request: request, match: match,
                    surroundings: surroundings))
        }
        var refusal: APIStatus?
        for (call, verdict) in zip(calls, await Self.verdicts(calls)) {
            if let answer = verdict.answer { notes.take(answer, of: call.webhook.name) }
            refusal = refusal ?? verdict.refusal
        }
        if let refusal { throw refusal }
    }

    private static func verdicts(_ calls: [WebhookCall]) async -> [WebhookCall.Verdict] {
        if calls.count == 1 { return [await calls[0].run()] }
        return await withTaskGroup(of: (Int, WebhookCall.Verdict).self) { group in
            for (index, call) in calls.enumerated() {
                group.addTask { (index, await call.run()) }
            }
            var verdicts = [WebhookCall.Verdict](repeating: .init(), count: calls.count)
            for await (index, verdict) in group { verdicts[index] = verdict }
            return verdicts
        }
    }
}
