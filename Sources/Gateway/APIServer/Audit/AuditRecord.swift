// One request, as the audit log tells it.

import APIModel
import Access
import Buffers
import HTTPServer
import HTTPWire
import JSON
import SystemCalls

/// How much the audit log tells of a request.
public enum AuditLevel: String, Sendable, CaseIterable {
    /// Who asked for what, and what came of it.
    case metadata = "Metadata"
    /// And what was sent, unless it may hold secrets.
    case request = "Request"
}

/// A request and what came of it, in the shape of `Event` of audit.k8s.io/v1.
struct AuditRecord: Sendable {
    let id: String
    let request: Request
    let question: AccessQuestion
    /// Whether the path names a resource that is served: what is sent elsewhere may be anything.
    let isServed: Bool
    let received: Timestamp
    var completed: Timestamp
    /// Who was asked for; `nil` when nobody was found.
    var requester: Requester?
    /// Why it was allowed.
    var reason = ""
    /// What webhooks and policies have to say, by name.
    var notes: [String: String] = [:]
    /// Why it was not let in.
    var refusal: APIStatus?
    /// `nil` when the client went away before there was one.
    var status: Int?

    /// What it takes while it waits to be written.
    var byteCount: Int { 1024 + request.head.target.count + request.body.count }

    /// A line of the log.
    func line(_ level: AuditLevel) -> Bytes {
        var buffer = ByteBuffer(reserving: 1024)
        buffer.append(json: .object(members(level)))
        buffer.append(UInt8(ascii: "\n"))
        return buffer.freeze()
    }

    private func members(_ level: AuditLevel) -> JSONObject {
        let head = request.head
        let body = sentObject
        var event: JSONObject = [
            "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": .string(level.rawValue),
            "auditID": .string(id), "stage": "ResponseComplete",
            "requestURI": .string(head.target.description),
            "verb": .string(question.verbs.first ?? ""),
            "user": (requester?.impersonator ?? requester?.user)?.json ?? [:],
        ]
        if requester?.impersonator != nil { event["impersonatedUser"] = requester?.user.json }
        event["sourceIPs"] = [.string(request.peer.host)]
        if let agent = head.headers.first("user-agent") {
            event["userAgent"] = .string(agent.description)
        }
        event["objectRef"] = reference(body)
        event["responseStatus"] = responseStatus
        if level == .request, !mayHoldSecrets { event["requestObject"] = body }
        event["requestReceivedTimestamp"] = .string(received.microTime)
        event["stageTimestamp"] = .string(completed.microTime)
        event["annotations"] = annotations
        return event
    }

    private var annotations: JSONValue? {
        guard requester != nil else { return nil }
        var members: JSONObject = [
            "authorization.k8s.io/decision": refusal == nil ? "allow" : "forbid",
            "authorization.k8s.io/reason": .string(reason),
        ]
        for (name, text) in notes.sorted(by: { $0.key < $1.key }) { members[name] = .string(text) }
        return .object(members)
    }

    private var responseStatus: JSONValue {
        var members: JSONObject = ["metadata": [:]]
        if let status, status >= 400 { members["status"] = "Failure" }
        if let refusal {
            members["message"] = .string(refusal.message)
            members["reason"] = refusal.reason.map { .string($0.rawValue) }
        }
        members["code"] = .number(JSONNumber(Int64(status ?? 0)))
        return .object(members)
    }

    private func reference(_ body: JSONValue?) -> JSONValue? {
        guard
            case .resource(
                let group, let version, let resource, let subresource, let space, let name) =
                question.subject
        else { return nil }
        var members: JSONObject = ["resource": .string(resource)]
        let sent = body?[path: "metadata", "name"]?.string ?? ""
        for (member, value) in [
            ("namespace", space), ("name", name.isEmpty ? sent : name), ("apiGroup", group),
            ("apiVersion", version), ("subresource", subresource),
        ] where !value.isEmpty {
            members[member] = .string(value)
        }
        return .object(members)
    }

    /// The body, when it is JSON and not too long.
    private var sentObject: JSONValue? {
        let body = request.body
        guard !body.isEmpty, body.count <= Limits.auditedBodyByteCountMax else { return nil }
        return try? JSONValue(parsing: body)
    }

    /// Whether the body is to stay out of the log, whatever the level.
    private var mayHoldSecrets: Bool {
        guard isServed,
            case .resource(_, _, let resource, let subresource, _, _) = question.subject
        else { return true }
        return ["secrets", "configmaps", "tokenreviews"].contains(resource)
            || resource == "serviceaccounts" && subresource == "token"
    }
}
