// What a webhook is asked to convert, and what its answer has to be.

import APIModel
import Buffers
import JSON
import Resources

/// One question to a webhook: a ConversionReview of apiextensions.k8s.io/v1.
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
    var identity: String { "\(text("apiVersion")), Kind=\(text("kind"))" }
}
