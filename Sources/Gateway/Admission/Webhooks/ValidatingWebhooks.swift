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
            guard let match = try webhook.match(request, surroundings.labels) else { continue }
            calls.append(
                WebhookCall(
                    webhook: webhook, phase: .validating, request: request, match: match,
                    surroundings: surroundings))
        }
        let verdicts = await Self.verdicts(calls)
        var refusal: APIStatus?
        for (call, verdict) in zip(calls, verdicts) {
            do throws(APIStatus) {
                if let answer = try verdict.get() { notes.take(answer, of: call.webhook.name) }
            } catch { refusal = refusal ?? error }
        }
        if let refusal { throw refusal }
    }

    private typealias Verdict = Result<ReviewAnswer?, APIStatus>

    private static func verdicts(_ calls: [WebhookCall]) async -> [Verdict] {
        if calls.count == 1 { return [await verdict(calls[0])] }
        return await withTaskGroup(of: (Int, Verdict).self) { group in
            for (index, call) in calls.enumerated() {
                group.addTask { (index, await verdict(call)) }
            }
            var verdicts = [Verdict](repeating: .success(nil), count: calls.count)
            for await (index, verdict) in group { verdicts[index] = verdict }
            return verdicts
        }
    }

    private static func verdict(_ call: WebhookCall) async -> Verdict {
        do throws(APIStatus) {
            return .success(try await call.run())
        } catch { return .failure(error) }
    }
}
