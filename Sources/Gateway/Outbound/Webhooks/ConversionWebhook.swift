// Objects of custom resources in other versions, by a webhook.

import APIModel
import Buffers
import JSON
import Resources

/// The webhook of a definition that translates objects between its versions (ConversionReview of
/// apiextensions.k8s.io/v1).
public struct ConversionWebhook: Sendable {
    private let client: WebhookClient
    private let address: WebhookAddress
    private let makeUID: @Sendable () -> String

    /// - Parameters:
    ///   - webhook: `spec.conversion.webhook` of a definition that has passed validation.
    ///   - makeUID: makes what tells one question from another.
    public init(
        _ webhook: JSONValue, asking client: WebhookClient,
        makeUID: @escaping @Sendable () -> String
    ) {
        self.client = client
        address = WebhookAddress(clientConfig: webhook["clientConfig"] ?? .null)
        self.makeUID = makeUID
    }

    /// The same objects in the version `apiVersion`, in the same order. Several at once are asked
    /// about in one review, up to a bound of their number and of their bytes. Of the metadata the
    /// webhook may change labels and annotations, and nothing else counts.
    /// - Throws: `WebhookFailure` when the webhook cannot be asked, fails, or answers with
    ///   something else than these objects.
    public func convert(
        _ objects: [JSONValue], to apiVersion: String
    ) async throws(WebhookFailure) -> [JSONValue] {
        var converted: [JSONValue] = []
        var rest = objects.map { (object: $0, bytes: $0.bytes) }[...]
        while let first = rest.first {
            let batch = rest.prefix(Self.batchCount(of: rest.map(\.bytes.count)))
            rest = rest.dropFirst(batch.count)
            let review = ConversionReview(
                uid: makeUID(), apiVersion: apiVersion, objects: batch.map(\.object))
            do throws(WebhookFailure) {
                let answer = try await client.send(
                    WebhookClient.Letter(
                        body: review.body(batch.map(\.bytes)), seconds: Limits.conversionSeconds,
                        answerByteCountMax: Limits.conversionByteCountMax),
                    to: address)
                converted += try review.converted(by: answer)
            } catch {
                throw WebhookFailure(
                    "conversion webhook for \(first.object.identity) failed: \(error)")
            }
        }
        return converted
    }

    /// How many of objects of these sizes are asked about at once: one at least.
    static func batchCount(of sizes: [Int]) -> Int {
        var byteCount = 0
        for (index, size) in sizes.enumerated() {
            byteCount += size
            let isFull =
                index == Limits.convertedObjectCountMax || byteCount > Limits.convertedByteCountMax
            if isFull, index > 0 { return index }
        }
        return sizes.count
    }
}
