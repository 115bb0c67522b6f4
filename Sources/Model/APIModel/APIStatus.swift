// The Status object: how every refusal, and some successes, are told to a client.

import Buffers
import JSON

/// A `Status` as the API conventions define it ("Response Status Kind"). As an error it is the
/// refusal that a request ends with.
public struct APIStatus: Error, Hashable, Sendable {
    /// What went wrong, in one word that clients switch on.
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        case unauthorized = "Unauthorized"
        case forbidden = "Forbidden"
        case notFound = "NotFound"
        case alreadyExists = "AlreadyExists"
        case conflict = "Conflict"
        case gone = "Gone"
        case invalid = "Invalid"
        case serverTimeout = "ServerTimeout"
        case storeReadError = "StorageReadError"
        case timeout = "Timeout"
        case tooManyRequests = "TooManyRequests"
        case badRequest = "BadRequest"
        case methodNotAllowed = "MethodNotAllowed"
        case notAcceptable = "NotAcceptable"
        case requestEntityTooLarge = "RequestEntityTooLarge"
        case unsupportedMediaType = "UnsupportedMediaType"
        case internalError = "InternalError"
        case expired = "Expired"
        case serviceUnavailable = "ServiceUnavailable"
    }

    /// One of several things that are wrong. Empty text is left out of the JSON.
    public struct Cause: Hashable, Sendable {
        public var reason: String
        public var message: String
        public var field: String

        public init(reason: String = "", message: String, field: String = "") {
            self.reason = reason
            self.message = message
            self.field = field
        }
    }

    /// What the status speaks of. Empty text, no causes and zero seconds are left out of the JSON.
    public struct Details: Hashable, Sendable {
        public var name = ""
        public var group = ""
        /// The resource's name, or for an invalid object its kind.
        public var kind = ""
        public var uid = ""
        public var causes: [Cause] = []
        public var retryAfterSeconds = 0

        public init(name: String = "", group: String = "", kind: String = "") {
            self.name = name
            self.group = group
            self.kind = kind
        }

        public init(_ resource: GroupResource, name: String = "") {
            self.init(name: name, group: resource.group, kind: resource.resource)
        }
    }

    public var isSuccess = false
    /// The HTTP status code; 0 is left out of the JSON and sent as 200.
    public var code: Int
    public var reason: Reason?
    public var message: String
    public var details: Details?
    /// A continue token for the client to go on with, in the list metadata of the status.
    public var continueToken = ""

    public init(
        code: Int, reason: Reason?, message: String, details: Details? = nil
    ) {
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
    }

    /// A success without an object to return.
    public static func success(code: Int = 0, details: Details? = nil) -> APIStatus {
        var status = APIStatus(code: code, reason: nil, message: "", details: details)
        status.isSuccess = true
        return status
    }

    /// The status line's code.
    public var httpCode: Int { code == 0 ? 200 : code }

    /// Seconds after which to try again, for a `Retry-After` header; nil when there is no such
    /// advice.
    public var retryAfterSeconds: Int? {
        guard let seconds = details?.retryAfterSeconds, seconds > 0 else { return nil }
        return seconds
    }
}

extension APIStatus: CustomStringConvertible {
    public var description: String { message }
}

extension APIStatus {
    /// The status as compact JSON.
    public var bytes: Bytes {
        var buffer = ByteBuffer(reserving: 512)
        write(into: &buffer)
        return buffer.freeze()
    }

    /// Appends the status as compact JSON.
    public func write(into buffer: inout ByteBuffer) {
        buffer.append(literal: "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{")
        if !continueToken.isEmpty {
            buffer.append(literal: "\"continue\":")
            buffer.append(jsonString: continueToken)
        }
        buffer.append(literal: "},\"status\":")
        buffer.append(jsonString: isSuccess ? "Success" : "Failure")
        buffer.append(optionalMember: ",\"message\":", message)
        buffer.append(optionalMember: ",\"reason\":", reason?.rawValue ?? "")
        if let details {
            buffer.append(literal: ",\"details\":")
            details.write(into: &buffer)
        }
        if code != 0 {
            buffer.append(literal: ",\"code\":")
            buffer.append(decimal: code)
        }
        buffer.append(UInt8(ascii: "}"))
    }
}

extension APIStatus.Details {
    fileprivate func write(into buffer: inout ByteBuffer) {
        var members = JSONObject()
        if !name.isEmpty { members["name"] = .string(name) }
        if !group.isEmpty { members["group"] = .string(group) }
        if !kind.isEmpty { members["kind"] = .string(kind) }
        if !uid.isEmpty { members["uid"] = .string(uid) }
        if !causes.isEmpty { members["causes"] = .array(causes.map(\.json)) }
        if retryAfterSeconds > 0 {
            members["retryAfterSeconds"] = .number(JSONNumber(Int64(retryAfterSeconds)))
        }
        buffer.append(json: .object(members))
    }
}

extension APIStatus.Cause {
    fileprivate var json: JSONValue {
        var members = JSONObject()
        if !reason.isEmpty { members["reason"] = .string(reason) }
        if !message.isEmpty { members["message"] = .string(message) }
        if !field.isEmpty { members["field"] = .string(field) }
        return .object(members)
    }
}

extension ByteBuffer {
    fileprivate mutating func append(optionalMember prefix: StaticString, _ text: String) {
        guard !text.isEmpty else { return }
        append(literal: prefix)
        append(jsonString: text)
    }
}

extension APIStatus {
    /// Reads a `Status`. Nil when the value is an object of another kind.
    public init?(_ value: JSONValue) {
        guard value["kind"]?.string == "Status" else { return nil }
        self.init(
            code: Int(value["code"]?.int ?? 0),
            reason: value["reason"]?.string.flatMap(Reason.init),
            message: value["message"]?.string ?? "",
            details: value["details"]?.object.map(Details.init))
        isSuccess = value["status"]?.string == "Success"
        continueToken = value[path: "metadata", "continue"]?.string ?? ""
    }
}

extension APIStatus.Details {
    fileprivate init(_ members: JSONObject) {
        self.init(
            name: members["name"]?.string ?? "", group: members["group"]?.string ?? "",
            kind: members["kind"]?.string ?? "")
        uid = members["uid"]?.string ?? ""
        retryAfterSeconds = Int(members["retryAfterSeconds"]?.int ?? 0)
        causes = (members["causes"]?.array ?? []).map { cause in
            APIStatus.Cause(
                reason: cause["reason"]?.string ?? "", message: cause["message"]?.string ?? "",
                field: cause["field"]?.string ?? "")
        }
    }
}
