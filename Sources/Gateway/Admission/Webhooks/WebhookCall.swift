// One webhook asked about one request.

import APIModel
import JSON
import Logging
import Outbound

/// What calls to webhooks need.
struct WebhookSurroundings: Sendable {
    let client: WebhookClient
    let figures: WebhookFigures
    let labels: LabelLookup
    let log: Logger
    /// Makes what tells one question from another one.
    let makeUID: @Sendable () -> String
}

/// A question that is about to be put to a webhook.
struct WebhookCall: Sendable {
    let webhook: Webhook
    let phase: WebhookFigures.Phase
    let request: AdmissionRequest
    let match: RequestMatcher.Match
    let surroundings: WebhookSurroundings

    var labels: (name: String, type: String, operation: String) {
        (webhook.name, phase.rawValue, request.operation.rawValue)
    }

    /// Puts the question. What the webhook says beside its verdict counts also when it refuses.
    func run() async -> Verdict {
        guard !request.isDryRun || webhook.allowsDryRun else {
            return Verdict(
                refusal: .badRequest(
                    "admission webhook \(webhook.name.quoted) does not support dry run"))
        }
        let began = ContinuousClock.now
        let answer: ReviewAnswer
        do throws(WebhookFailure) {
            answer = try await ask()
        } catch {
            return failed(error, took: .now - began)
        }
        let refusal = answer.isAllowed ? nil : answer.refusal(by: webhook.name)
        let code = refusal?.httpCode ?? 200
        surroundings.figures.called(self, took: .now - began, code: code)
        if refusal != nil { surroundings.figures.refused(self, .webhook, code: code) }
        return Verdict(answer: answer, refusal: refusal)
    }

    /// What came of a question.
    struct Verdict: Sendable {
        /// `nil` when there is none.
        var answer: ReviewAnswer?
        /// `nil` when the request passes.
        var refusal: APIStatus?
    }

    private func ask() async throws(WebhookFailure) -> ReviewAnswer {
        guard let version = webhook.reviewVersion else {
            throw WebhookFailure(
                "the webhook knows no version of AdmissionReview that this server speaks")
        }
        let review = AdmissionReview(
            version: version, uid: surroundings.makeUID(), request: request, match: match)
        let document: JSONValue
        do throws(WebhookFailure) {
            document = try await surroundings.client.post(
                review.document, to: webhook.address, within: webhook.timeoutSeconds)
        } catch {
            throw WebhookFailure("failed to call webhook: \(error)")
        }
        return try ReviewAnswer(document, to: review, mayPatch: phase == .mutating)
    }

    private func failed(
        _ failure: WebhookFailure, took: ContinuousClock.Duration
    ) -> Verdict {
        let message = "failed calling webhook \(webhook.name.quoted): \(failure)"
        surroundings.figures.called(self, took: took, code: webhook.failsOpen ? 200 : 500)
        guard webhook.failsOpen else {
            surroundings.figures.refused(self, .call, code: 500)
            return Verdict(refusal: .internalError(message))
        }
        surroundings.figures.failedOpen(self)
        surroundings.log.warning("\(message); the request passes, as its failurePolicy says")
        return Verdict()
    }
}

extension AdmissionNotes {
    /// What a webhook says beside its verdict.
    mutating func take(_ answer: ReviewAnswer, of webhook: String) {
        warnings += answer.warnings
        for (name, value) in answer.annotations {
            guard let text = value.string, text.utf8.count <= Limits.annotationByteCountMax else {
                continue
            }
            annotations["\(webhook)/\(name)"] = text
        }
    }
}
