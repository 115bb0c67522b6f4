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

/// One question to a webhook.
struct ConversionReview {
    let uid: String
    /// Of the version that is wanted.
    let apiVersion: String
    /// As they are.
    let objects: [JSONValue]

    private static let identity: JSONValue = [
        "kind": "ConversionReview", "apiVersion": "apiextensions.k8s.io/v1",
    ]

    /// The review as it is sent.
    /// - Parameter written: the objects, written down.
    func body(_ written: [Bytes]) -> Bytes {
        var buffer = ByteBuffer(reserving: written.reduce(256) { $0 + $1.count + 1 })
        buffer.append(literal: #"{"kind":"ConversionReview","#)
        buffer.append(literal: #""apiVersion":"apiextensions.k8s.io/v1","request":{"uid":"#)
        buffer.append(jsonString: uid)
        buffer.append(literal: #","desiredAPIVersion":"#)
        buffer.append(jsonString: apiVersion)
        buffer.append(literal: #","objects":["#)
        for (index, object) in written.enumerated() {
            if index > 0 { buffer.append(UInt8(ascii: ",")) }
            buffer.append(object)
        }
        buffer.append(literal: "]}}")
        return buffer.freeze()
    }

    /// The objects that a webhook makes of these.
    /// - Throws: why its answer is of no use.
    func converted(by answer: JSONValue) throws(WebhookFailure) -> [JSONValue] {
        let expected = Self.identity
        guard answer["kind"] == expected["kind"], answer["apiVersion"] == expected["apiVersion"]
        else {
            throw WebhookFailure(
                "expected webhook response of \(expected.identity), got \(answer.identity)")
        }
        guard let response = answer["response"], response.object != nil else {
            throw WebhookFailure("webhook response did not return a response object")
        }
        guard response.text("uid") == uid else {
            throw WebhookFailure(
                "expected response.uid=\(uid.quoted), got \(response.text("uid").quoted)")
        }
        let result = response["result"] ?? .null
        guard result.text("status") == "Success" else {
            let message = result.text("message")
            throw WebhookFailure(
                message.isEmpty
                    ? "response.result.status was \(result.text("status").quoted), not "
                        + "\"Success\""
                    : message)
        }
        let converted = response.list("convertedObjects")
        guard converted.count == objects.count else {
            throw WebhookFailure(
                "the webhook returned \(converted.count) objects, expected \(objects.count)")
        }
        var found: [JSONValue] = []
        for (index, pair) in zip(objects, converted).enumerated() {
            do throws(WebhookFailure) {
                found.append(try restored(pair.1, from: pair.0))
            } catch {
                throw WebhookFailure("the object at index \(index) is invalid: \(error)")
            }
        }
        return found
    }

    /// A converted object with the metadata of the original, but for labels and annotations.
    private func restored(
        _ converted: JSONValue, from original: JSONValue
    ) throws(WebhookFailure) -> JSONValue {
        guard converted.object != nil, let given = converted["metadata"], given.object != nil else {
            throw WebhookFailure("it has no metadata")
        }
        for (member, expected) in [("kind", original.text("kind")), ("apiVersion", apiVersion)]
        where converted.text(member) != expected {
            throw WebhookFailure(
                "must have the same \(member): \(converted.text(member).quoted) is not "
                    + expected.quoted)
        }
        var metadata = original["metadata"] ?? [:]
        for member in ["name", "namespace", "uid"]
        where given.text(member) != metadata.text(member) {
            throw WebhookFailure(
                "must have the same \(member): \(given.text(member).quoted) is not "
                    + metadata.text(member).quoted)
        }
        for member in ["labels", "annotations"] {
            let texts = given[member].flatMap { $0.isNull ? nil : $0 }
            let isMap = texts?.object?.allSatisfy { $0.value.string != nil } ?? (texts == nil)
            guard isMap else { throw WebhookFailure("metadata.\(member) must be texts by names") }
            metadata.put(member, texts)
        }
        var object = converted
        object.put("metadata", metadata)
        return object
    }
}

extension JSONValue {
    /// Version and kind as messages name them.
    fileprivate var identity: String { "\(text("apiVersion")), Kind=\(text("kind"))" }
}
