// The refusals that a request may end with. Clients match on some of these texts: they are the
// API's.

extension APIStatus {
    // MARK: About one object

    /// 404: `deployments.apps "x" not found`.
    public static func notFound(_ resource: GroupResource, _ name: String) -> APIStatus {
        APIStatus(
            code: 404, reason: .notFound, message: "\(resource) \(name.quoted) not found",
            details: Details(resource, name: name))
    }

    /// 409: `pods "x" already exists`.
    public static func alreadyExists(_ resource: GroupResource, _ name: String) -> APIStatus {
        APIStatus(
            code: 409, reason: .alreadyExists, message: "\(resource) \(name.quoted) already exists",
            details: Details(resource, name: name))
    }

    /// 409 because of `problem`.
    public static func conflict(
        _ resource: GroupResource, _ name: String, problem: String
    ) -> APIStatus {
        APIStatus(
            code: 409, reason: .conflict,
            message: "Operation cannot be fulfilled on \(resource) \(name.quoted): \(problem)",
            details: Details(resource, name: name))
    }

    /// 409: the resourceVersion sent is not the stored one. Clients read again and retry on this.
    public static func modified(_ resource: GroupResource, _ name: String) -> APIStatus {
        conflict(
            resource, name,
            problem:
                "the object has been modified; please apply your changes to the latest version "
                + "and try again")
    }

    /// 409: an update names a uid that the stored object does not have. `key` is the store's key.
    public static func uidMismatch(
        _ resource: GroupResource, _ name: String, key: String, uids: (sent: String, stored: String)
    ) -> APIStatus {
        conflict(
            resource, name,
            problem: "StorageError: invalid object, Code: 4, Key: \(key), ResourceVersion: 0, "
                + "AdditionalErrorMsg: Precondition failed: UID in precondition: \(uids.sent), "
                + "UID in object meta: \(uids.stored)")
    }

    /// 409: the preconditions of a deletion name another uid. `kind` stands where a resource would.
    public static func uidPreconditionFailed(
        _ kind: GroupKind, _ name: String, uids: (sent: String, stored: String)
    ) -> APIStatus {
        conflict(
            GroupResource(group: kind.group, resource: kind.kind), name,
            problem: "the UID in the precondition (\(uids.sent)) does not match the UID in record "
                + "(\(uids.stored)). The object might have been deleted and then recreated")
    }

    /// 409: the preconditions of a deletion name another resourceVersion.
    public static func resourceVersionPreconditionFailed(
        _ kind: GroupKind, _ name: String, versions: (sent: String, stored: String)
    ) -> APIStatus {
        conflict(
            GroupResource(group: kind.group, resource: kind.kind), name,
            problem:
                "the ResourceVersion in the precondition (\(versions.sent)) does not match the "
                + "ResourceVersion in record (\(versions.stored)). The object might have "
                + "been modified"
        )
    }

    /// 422. One error stands alone in the message, several stand in brackets; each is a cause.
    /// Errors that print the same appear once in the message.
    public static func invalid(
        _ kind: GroupKind, _ name: String, _ errors: [FieldError]
    ) -> APIStatus {
        var details = Details(name: name, group: kind.group, kind: kind.kind)
        details.causes = errors.map(\.cause)
        var message = "\(kind) \(name.quoted) is invalid"
        if !errors.isEmpty { message += ": \(aggregated(errors.map(\.description)))" }
        return APIStatus(code: 422, reason: .invalid, message: message, details: details)
    }

    /// Several messages as one: each once, in brackets when there is more than one.
    static func aggregated(_ messages: [String]) -> String {
        var seen: Set<String> = []
        let unique = messages.filter { seen.insert($0).inserted }
        return unique.count == 1 ? unique[0] : "[\(unique.joined(separator: ", "))]"
    }

    /// 422 for options in a query: `ListOptions.meta.k8s.io "" is invalid: …`.
    public static func invalidOptions(_ kind: String, _ errors: [FieldError]) -> APIStatus {
        invalid(GroupKind(group: "meta.k8s.io", kind: kind), "", errors)
    }

    /// 403: `pods "x" is forbidden: …`, or without a name `pods is forbidden: …`.
    public static func forbidden(
        _ resource: GroupResource, _ name: String = "", problem: String
    ) -> APIStatus {
        let subject = name.isEmpty ? "\(resource)" : "\(resource) \(name.quoted)"
        return APIStatus(
            code: 403, reason: .forbidden, message: "\(subject) is forbidden: \(problem)",
            details: Details(resource, name: name))
    }

    // MARK: About the request

    /// 400.
    public static func badRequest(_ message: String) -> APIStatus {
        APIStatus(code: 400, reason: .badRequest, message: message)
    }

    /// 401.
    public static func unauthorized(_ message: String = "Unauthorized") -> APIStatus {
        APIStatus(code: 401, reason: .unauthorized, message: message)
    }

    /// 404 for a path that serves nothing.
    public static let genericNotFound = APIStatus(
        code: 404, reason: .notFound,
        message: "the server could not find the requested resource", details: Details())

    /// 405 for a method that a path does not take.
    public static let methodNotAllowed = APIStatus(
        code: 405, reason: .methodNotAllowed,
        message: "the server does not allow this method on the requested resource",
        details: Details())

    /// 405 for a verb that a resource does not have, though its path takes the method.
    public static func methodNotSupported(_ resource: GroupResource, verb: String) -> APIStatus {
        APIStatus(
            code: 405, reason: .methodNotAllowed,
            message:
                "\(verb) is not supported on resources of kind \(resource.description.quoted)",
            details: Details(resource))
    }

    /// 406 when nothing that `Accept` names can be produced for the path.
    public static let notAcceptable = APIStatus(
        code: 406, reason: .notAcceptable, message: "406: Not Acceptable", details: Details())

    /// 406 with the media types that would be.
    public static func notAcceptable(accepted: [String]) -> APIStatus {
        APIStatus(
            code: 406, reason: .notAcceptable,
            message: "only the following media types are accepted: "
                + accepted.joined(separator: ", "))
    }

    /// 415 when the path takes no body of this type.
    public static let unsupportedMediaType = APIStatus(
        code: 415, reason: .unsupportedMediaType, message: "415: Unsupported Media Type",
        details: Details())

    /// 415 with the media types that would be understood.
    public static func unsupportedMediaType(accepted: [String]) -> APIStatus {
        APIStatus(
            code: 415, reason: .unsupportedMediaType,
            message: "the body of the request was in an unknown format - accepted media types "
                + "include: " + accepted.joined(separator: ", "))
    }

    /// 413.
    public static func requestEntityTooLarge(_ message: String) -> APIStatus {
        APIStatus(
            code: 413, reason: .requestEntityTooLarge,
            message: "Request entity too large: \(message)")
    }

    /// 422 for a well-formed JSON Patch that cannot be applied. The API's message names no reason;
    /// `why` and the place go into a cause, where the API has none.
    public static func patchRejected(_ why: String, field: String = "") -> APIStatus {
        var details = Details()
        details.causes = [Cause(message: why, field: field)]
        return APIStatus(
            code: 422, reason: .invalid,
            message: "the server rejected our request due to an error in our request",
            details: details)
    }

    // MARK: About the server

    /// 429: ask again after `retryAfterSeconds`.
    public static func tooManyRequests(_ message: String, retryAfterSeconds: Int) -> APIStatus {
        var details = Details()
        details.retryAfterSeconds = retryAfterSeconds
        return APIStatus(
            code: 429, reason: .tooManyRequests, message: message, details: details)
    }

    /// 500: something here is broken, and no change to the request helps.
    public static func internalError(_ problem: String) -> APIStatus {
        var details = Details()
        details.causes = [Cause(message: problem)]
        return APIStatus(
            code: 500, reason: .internalError, message: "Internal error occurred: \(problem)",
            details: details)
    }

    /// 500: the operation did not finish in time; its outcome may be unknown.
    public static func serverTimeout(
        _ resource: GroupResource, verb: String, retryAfterSeconds: Int
    ) -> APIStatus {
        var details = Details(resource)
        details.retryAfterSeconds = retryAfterSeconds
        return APIStatus(
            code: 500, reason: .serverTimeout,
            message:
                "The \(verb) operation against \(resource) could not be completed at this time, "
                + "please try again.",
            details: details)
    }

    /// 503.
    public static func serviceUnavailable(_ message: String) -> APIStatus {
        APIStatus(code: 503, reason: .serviceUnavailable, message: message)
    }

    /// 504: the request's own time is up.
    public static func timeout(_ message: String, retryAfterSeconds: Int = 0) -> APIStatus {
        var details = Details()
        details.retryAfterSeconds = retryAfterSeconds
        return APIStatus(
            code: 504, reason: .timeout, message: "Timeout: \(message)", details: details)
    }
}
