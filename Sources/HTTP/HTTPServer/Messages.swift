// A request as it is handed over, and a whole answer.

import Buffers
import EventLoops
import HTTPWire
import SystemCalls

/// Which of a server's addresses a request came to.
public struct ListenerName: Hashable, Sendable, ExpressibleByStringLiteral {
    public let rawValue: String

    public init(_ rawValue: String) { self.rawValue = rawValue }
    public init(stringLiteral value: String) { rawValue = value }
}

/// What a handler remembers about a connection from one request to the next. Used on the loop of
/// the connection only.
public final class ConnectionMemo: @unchecked Sendable {
    // Reason: used on its connection's loop only.
    public var value: (any AnyObject & Sendable)?

    public init() {}
}

/// A complete request, or one whose body nobody wants.
public struct Request: Sendable {
    public let head: RequestHead
    /// The body without its framing.
    public let body: Bytes
    public let peer: SocketAddress
    /// Who the transport says is at the other end.
    public var peerIdentity = PeerIdentity.anonymous
    /// There is one for connections whose peer the transport knows something about.
    public var memo: ConnectionMemo?
    public let listener: ListenerName
    /// Unique within the server.
    public let id: UInt64
    /// Whether there is a body that was not read, because the handler did not want it.
    public internal(set) var lacksBody = false

    public init(
        head: RequestHead, body: Bytes = .empty, peer: SocketAddress,
        listener: ListenerName, id: UInt64
    ) {
        self.head = head
        self.body = body
        self.peer = peer
        self.listener = listener
        self.id = id
    }
}

/// A whole answer. The server adds Date, Content-Length and Connection.
public struct Response: Sendable {
    public var status: HTTPStatus
    public var fields: ResponseFields
    /// Sent in order and never joined. Dropped for HEAD and for statuses without a body.
    public var body: [Bytes]

    public init(
        _ status: HTTPStatus, _ fields: ResponseFields = ResponseFields(), body: [Bytes] = []
    ) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// The length of the body in bytes.
    public var contentLength: Int {
        var sum = 0
        for segment in body { sum += segment.count }
        return sum
    }
}

/// Who answers requests.
public protocol RequestHandler: Sendable {
    /// Called on the connection's loop, once a request, in the order of the requests of a
    /// connection: the next one follows when this one is answered. Must not block. It answers
    /// through `exchange`, at once or later, on that loop.
    func handle(_ request: Request, _ exchange: Exchange)

    /// Whether the body of a request is worth reading: it is not when the request will be refused
    /// whatever it says. Asked on the connection's loop when the head is here and the body is not,
    /// or not all of it. When not, `handle` is called at once with a request that `lacksBody`, and
    /// must refuse it; the connection is closed afterwards.
    func wantsBody(of request: Request) -> Bool

    /// The answer for an error that the server itself found: 400, 408, 413, 414, 415, 417, 431,
    /// 505. Called on the loop. The connection is closed afterwards.
    func respond(to error: RequestError) -> Response
}

extension RequestHandler {
    /// Every body is read.
    public func wantsBody(of request: Request) -> Bool { true }
}
