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

    /// What the server itself found wrong with a request, before it was anybody's.
    init(_ error: RequestError) {
        let reasons: [Int: Reason] = [
            400: .badRequest, 408: .timeout, 413: .requestEntityTooLarge,
            415: .unsupportedMediaType,
        ]
        self.init(
            code: error.status.code, reason: reasons[error.status.code], message: error.message)
    }
}
