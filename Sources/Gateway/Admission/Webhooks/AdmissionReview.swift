// What a webhook is asked, and what it says.

import APIModel
import Buffers
import JSON
import Outbound
import Resources

/// The versions of AdmissionReview that this server speaks.
enum ReviewVersion: String, Sendable {
    case v1, v1beta1

    var apiVersion: String { "admission.k8s.io/\(rawValue)" }
}

/// One question to one webhook.
struct AdmissionReview {
    let version: ReviewVersion
    /// Tells this question from others; the answer repeats it.
    let uid: String
    let request: AdmissionRequest
    let match: RequestMatcher.Match

    var document: JSONValue {
        var attributes: JSONObject = ["uid": .string(uid)]
        for (name, value) in request.attributes(as: match.form) { attributes[name] = value }
        attributes["object"] = match.object
        attributes["oldObject"] = match.old
        return [
            "kind": "AdmissionReview", "apiVersion": .string(version.apiVersion),
            "request": .object(attributes),
        ]
    }
}

/// A webhook's verdict.
struct ReviewAnswer: Sendable {
    let isAllowed: Bool
    /// What to change; `nil` when nothing.
    let patch: Bytes?
    let warnings: [String]
    let annotations: JSONObject
    /// Why the request is refused, as the webhook says it.
    let result: JSONValue

    /// Reads an answer to `review`.
    /// - Parameter mayPatch: whether the webhook may change the object.
    /// - Throws: `WebhookFailure` when it is none.
    init(
        _ document: JSONValue, to review: AdmissionReview, mayPatch: Bool
    ) throws(WebhookFailure) {
        let response = document["response"] ?? .null
        guard response.object != nil else {
            throw WebhookFailure("webhook response did not return a response object")
        }
        try Self.check(document, response, review)
        isAllowed = response["allowed"]?.bool == true
        patch = try Self.patch(response, mayPatch, version: review.version)
        warnings = response.list("warnings").compactMap(\.string)
        annotations = response.entries("auditAnnotations")
        result = response["status"] ?? .null
    }

    /// Older answers say less about themselves.
    private static func check(
        _ document: JSONValue, _ response: JSONValue, _ review: AdmissionReview
    ) throws(WebhookFailure) {
        guard review.version == .v1 else { return }
        let expected = "\(review.version.apiVersion), Kind=AdmissionReview"
        let kind = "\(document.text("apiVersion")), Kind=\(document.text("kind"))"
        guard kind == expected else {
            throw WebhookFailure("expected webhook response of \(expected), got \(kind)")
        }
        guard response.text("uid") == review.uid else {
            throw WebhookFailure(
                "expected response.uid=\(review.uid.quoted), got \(response.text("uid").quoted)")
        }
    }

    private static func patch(
        _ response: JSONValue, _ mayPatch: Bool, version: ReviewVersion
    ) throws(WebhookFailure) -> Bytes? {
        let (text, type) = (response.text("patch"), response["patchType"]?.string)
        guard mayPatch else {
            if version == .v1beta1 { return nil }
            if !text.isEmpty {
                throw WebhookFailure("validating webhook may not return response.patch")
            }
            if type != nil {
                throw WebhookFailure("validating webhook may not return response.patchType")
            }
            return nil
        }
        if text.isEmpty {
            guard type == nil || version == .v1beta1 else {
                throw WebhookFailure(
                    "webhook returned response.patchType but not response.patch")
            }
            return nil
        }
        if type == nil, version == .v1 {
            throw WebhookFailure("webhook returned response.patch but not response.patchType")
        }
        guard type ?? "JSONPatch" == "JSONPatch" else {
            throw WebhookFailure(
                "webhook returned invalid response.patchType of \((type ?? "").quoted)")
        }
        guard let patch = Base64.decode(text) else {
            throw WebhookFailure("webhook returned a response.patch that is no base64")
        }
        return Bytes(patch)
    }

    /// The refusal that the client gets: the webhook's own, but always one of an error.
    func refusal(by name: String) -> APIStatus {
        let code = result["code"]?.int ?? 0
        let reason = result.text("reason")
        let denied = "admission webhook \(name.quoted) denied the request"
        let said = result.text("message")
        let message =
            !said.isEmpty
            ? "\(denied): \(said)"
            : reason.isEmpty ? "\(denied) without explanation" : "\(denied): \(reason)"
        var members = result
        if members.object == nil { members = [:] }
        members["kind"] = "Status"
        var status =
            APIStatus(members) ?? APIStatus(code: 400, reason: nil, message: message)
        status.isSuccess = false
        status.message = message
        status.code = 400...599 ~= code ? Int(code) : 400
        return status
    }
}
