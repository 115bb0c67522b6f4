// Why the API gave no answer, or a refusal.

import APIModel
import HTTPClient
import JSON

/// A request to the API that did not succeed.
public enum APIFailure: Error, Sendable, CustomStringConvertible {
    /// The server refused it, with a reason to switch on.
    case refused(APIStatus)
    /// No server gave an answer; the failure says whether the request may have been executed.
    case unreachable(CallFailure)
    /// The answer is not what the API gives.
    case malformed(String)

    public var description: String {
        switch self {
        case .refused(let status): status.message
        case .unreachable(let failure): failure.description
        case .malformed(let what): "the server's answer cannot be understood: \(what)"
        }
    }

    /// Whether a position is older than what the server remembers: what follows is a new list.
    public var isExpired: Bool {
        if case .refused(let status) = self { status.httpCode == 410 } else { false }
    }

    /// Whether the request may have been executed although there is no answer.
    public var isUncertain: Bool {
        if case .unreachable(let failure) = self { failure.execution == .uncertain } else { false }
    }

    var isCancelled: Bool {
        guard case .unreachable(let failure) = self else { return false }
        return failure.cause == .cancelled || failure.cause == .closed
    }
}
