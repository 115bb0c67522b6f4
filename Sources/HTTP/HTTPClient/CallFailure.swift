// Why a call got no response, and whether the server may have acted on it.

import HTTPWire
import SystemCalls

/// A call without a response, or without all of one.
public struct CallFailure: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Cause: Equatable, Sendable {
        /// The request could not be written as HTTP.
        case invalidRequest(String)
        case lookup(HostLookupError)
        case connect(SystemError)
        /// What TLS had to say: a certificate that is not believed, on either side, or broken
        /// settings of ours.
        case encryption(String)
        case timedOut(Wait)
        /// The connection ended before the response did.
        case lost
        case malformed(ResponseError)
        /// The body has more bytes than the caller takes.
        case tooLarge(byteCountMax: Int)
        /// Too many calls wait for a connection.
        case overloaded
        /// The caller's task was cancelled, or the caller let go of the response.
        case cancelled
        /// The client was closed.
        case closed

        var isTimeOut: Bool { if case .timedOut = self { true } else { false } }
    }

    /// What a call was waiting for.
    public enum Wait: String, Sendable {
        case connection
        case firstByte = "first byte"
        case nextByte = "next byte"
        /// The end of the time for the whole call.
        case end
    }

    /// What the server can have done.
    public enum Execution: Equatable, Sendable {
        /// No byte of the request left this process: it was surely not executed.
        case notSent
        /// Some or all of the request was sent, and no complete response came: it may have been
        /// executed, once.
        case uncertain
    }

    public let cause: Cause
    public let execution: Execution
    /// The last endpoint that was tried; nil when none was.
    public let endpoint: Endpoint?

    public init(_ cause: Cause, _ execution: Execution, at endpoint: Endpoint? = nil) {
        self.cause = cause
        self.execution = execution
        self.endpoint = endpoint
    }

    public var description: String {
        let place = endpoint.map { "\($0): " } ?? ""
        return place + reason + (execution == .notSent ? "" : " (it may have been executed)")
    }

    private var reason: String {
        switch cause {
        case .invalidRequest(let what): "the request cannot be sent: \(what)"
        case .lookup(let error): error.description
        case .connect(let error): error.description
        case .encryption(let why): "TLS: \(why)"
        case .timedOut(let wait): "no \(wait.rawValue) in time"
        case .lost: "the connection was lost"
        case .malformed(let error): "the response is malformed: \(error)"
        case .tooLarge(let most): "the body has more than \(most) bytes"
        case .overloaded: "too many calls wait for a connection"
        case .cancelled: "cancelled"
        case .closed: "the client is closed"
        }
    }
}
