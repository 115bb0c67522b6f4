// What a client is told when the store could not do what it was asked.

import APIModel
import HTTPWire
import Storage

extension APIStatus {
    init(storage error: StorageError) {
        switch error {
        case .uncertain:
            self = .timeout("\(error); read the object to see whether it was made")
        case .notWritable, .unavailable, .closed:
            self = .serviceUnavailable("\(error)")
            var details = Details()
            details.retryAfterSeconds = 1
            self.details = details
        case .tooLarge: self = .requestEntityTooLarge("\(error)")
        case .compacted, .future, .corrupted: self = .internalError("\(error)")
        }
    }

    /// Too many writes of the same object came between: the client may try again.
    static func tooManyConflicts(_ resource: GroupResource) -> APIStatus {
        .serverTimeout(resource, verb: "update", retryAfterSeconds: 1)
    }

    /// The cache is behind what other gateways have done; the write is tried again when it is not.
    static func outdated(_ resource: GroupResource) -> APIStatus {
        .serverTimeout(resource, verb: "update", retryAfterSeconds: 1)
    }

    /// Whether a state that other gateways have changed meanwhile may be the reason. What the store
    /// itself has answered, and what is wrong with the request alone, is not.
    var mayBeOutdated: Bool {
        switch code {
        case 403, 404, 409, 422: true
        default: reason == .serverTimeout
        }
    }

    /// What the server itself found wrong with a request, before it was anybody's.
    init(_ error: RequestError) {
        let reasons: [Int: Reason] = [
            400: .badRequest, 408: .timeout, 413: .requestEntityTooLarge,
            415: .unsupportedMediaType, 429: .tooManyRequests,
        ]
        self.init(
            code: error.status.code, reason: reasons[error.status.code], message: error.message)
    }
}
