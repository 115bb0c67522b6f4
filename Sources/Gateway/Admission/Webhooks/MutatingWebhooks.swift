// Webhooks that may change an object before it is validated.

import APIModel
import JSON
import Outbound
import Resources

/// Kubernetes' `MutatingAdmissionWebhook`: asks one webhook after the other, in the order of their
/// configurations' names. Those that want to see what others have changed after them are asked once
/// more.
struct MutatingWebhooks: Sendable {
    static let name = "MutatingAdmissionWebhook"

    let webhooks: CompiledKind<[Webhook]>
    let surroundings: WebhookSurroundings

    /// - Parameter plugins: what the server's own plugins fill in; asked again when webhooks have
    ///   changed something.
    /// - Throws: the first refusal.
    func run(
        _ request: inout AdmissionRequest, _ notes: inout AdmissionNotes,
        plugins: (inout JSONValue) throws(APIStatus) -> Void
    ) async throws(APIStatus) {
        guard let webhooks = webhooks.content else { return }
        var reinvocations = Reinvocations()
        for webhook in webhooks {
            guard let change = try await ask(webhook, &request, &notes) else { continue }
            reinvocations.asked(webhook, change)
        }
        guard reinvocations.hasChange else { return }
        let before = request.object
        try plugins(&request.object)
        if request.object != before { reinvocations.changed() }
        for webhook in webhooks where reinvocations.again.contains(webhook.id) {
            _ = try await ask(webhook, &request, &notes)
        }
    }

    private enum Change { case nothing, something }

    /// - Returns: `nil` when the webhook was not asked.
    private func ask(
        _ webhook: Webhook, _ request: inout AdmissionRequest, _ notes: inout AdmissionNotes
    ) async throws(APIStatus) -> Change? {
        guard let match = try await webhook.match(request, surroundings.labels) else { return nil }
        let call = WebhookCall(
            webhook: webhook, phase: .mutating, request: request, match: match,
            surroundings: surroundings)
        let verdict = await call.run()
        if let answer = verdict.answer { notes.take(answer, of: webhook.name) }
        if let refusal = verdict.refusal { throw refusal }
        guard let answer = verdict.answer else { return .nothing }
        guard let object = try await call.patched(by: answer), object != request.object else {
            return .nothing
        }
        request.object = object
        return .something
    }

    /// Which webhooks are asked once more.
    private struct Reinvocations {
        private(set) var again: Set<Webhook.ID> = []
        private(set) var hasChange = false
        /// Those that were asked and have not seen every change since.
        private var waiting: Set<Webhook.ID> = []

        mutating func asked(_ webhook: Webhook, _ change: Change) {
            if change == .something { changed() }
            if webhook.isReinvocable { waiting.insert(webhook.id) }
        }

        mutating func changed() {
            hasChange = true
            again.formUnion(waiting)
            waiting = []
        }
    }
}

extension WebhookCall {
    /// The object with what the webhook wants changed; `nil` when it wants nothing.
    /// - Throws: 500 for a patch that cannot be applied, or that leaves no object of the kind.
    fileprivate func patched(by answer: ReviewAnswer) async throws(APIStatus) -> JSONValue? {
        guard let bytes = answer.patch else { return nil }
        let shown = match.object
        let changed: JSONValue
        do {
            let patch = try JSONPatch(try JSONValue(parsing: bytes))
            if patch.operations.isEmpty { return nil }
            guard !request.object.isNull else {
                throw WebhookFailure(
                    "webhook attempted to modify the object, which is not supported for this "
                        + "operation")
            }
            changed = try patch.apply(to: shown)
        } catch {
            surroundings.figures.refused(self, .server, code: 500)
            let why = (error as? APIStatus)?.details?.causes.first?.message ?? "\(error)"
            throw .internalError(
                "the patch of admission webhook \(webhook.name.quoted) cannot be applied: \(why)")
        }
        if changed == shown { return nil }
        do throws(APIStatus) {
            return try request.complete(try await match.returned(changed))
        } catch {
            surroundings.figures.refused(self, .server, code: 500)
            throw .internalError(
                "what admission webhook \(webhook.name.quoted) makes of the object is none: "
                    + "\(error)")
        }
    }
}
