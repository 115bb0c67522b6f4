// What is asked, and what comes back whole.

import Buffers
import HTTPWire

/// A request to any of a client's endpoints.
public struct Request: Sendable {
    public var head: OutgoingHead
    public var body: Bytes
    public var times = TimeLimits()
    /// Whether the client may send it again, to this or another endpoint, when it cannot know
    /// whether it was executed. True for methods that only read.
    public var isRepeatable: Bool
    /// Bytes of the response's body that `Client.send` takes. A list of 10,000 pods has 25 MB.
    public var responseByteCountMax = 256 * 1024 * 1024

    public init(
        _ method: Method, _ target: String, fields: FieldLines = FieldLines(), body: Bytes = .empty
    ) {
        head = OutgoingHead(method, target, fields: fields)
        self.body = body
        isRepeatable = method.isSafe
    }
}

/// A complete response.
public struct Response: Sendable {
    public let head: IncomingHead
    public let body: Bytes
    /// Who gave it.
    public let endpoint: Endpoint

    public var status: HTTPStatus { head.status }
    public var headers: HeaderFields { head.headers }
}
