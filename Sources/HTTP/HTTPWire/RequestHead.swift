// The start of a request: its line and its header fields.

import Buffers

/// A minor version of HTTP/1.
public enum Version: UInt8, Comparable, Sendable {
    case http10, http11

    public static func < (left: Version, right: Version) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// A request line and header fields, checked. Copies share the bytes.
public struct RequestHead: Sendable {
    public let method: Method
    public let headers: HeaderFields
    let lines: RequestLine
    let framing: MessageFraming

    public var version: Version { lines.version }
    /// Whether the client wants another answer on this connection (RFC 9112, 9.3).
    public var persists: Bool { framing.persists }
    /// Whether the client waits for `100 Continue` before it sends a body (RFC 9110, 10.1.1).
    public var expectsContinue: Bool { framing.expectsContinue }
    /// The length of the body when the head tells it; nil for a chunked one.
    public var bodyByteCount: Int? {
        switch framing.body {
        case .none: 0
        case .fixed(let count): count
        case .chunked: nil
        }
    }

    /// The method as it was sent.
    public var methodName: Bytes { headers.bytes[0..<lines.methodEnd] }
    /// The target as it was sent (RFC 9112, 3.2).
    public var target: Bytes { headers.bytes[lines.target] }
    /// The path, still percent-encoded; it starts with `/`, or is `*` for OPTIONS.
    public var path: Bytes {
        // An absolute target may have no path, which means the root (RFC 9110, 4.2.3).
        lines.path.isEmpty ? Self.root : headers.bytes[lines.path]
    }
    /// What follows the first `?` of the target, still percent-encoded; empty without one.
    public var query: Bytes { headers.bytes[lines.query] }

    /// The host and port that the client means: of an absolute target, else of the Host field
    /// (RFC 9112, 3.2.2). Empty in HTTP/1.0 without either.
    public var authority: Bytes {
        if let authority = lines.authority { return headers.bytes[authority] }
        return headers.first("host") ?? .empty
    }

    private static let root: Bytes = "/"

    init(method: Method, line: RequestLine, headers: HeaderFields, framing: MessageFraming) {
        self.method = method
        self.headers = headers
        self.framing = framing
        lines = line
    }

    /// A head made by hand.
    /// - Throws: `RequestError` when a client could not send it so.
    public init(
        _ method: String, _ target: String, headers: [(name: String, value: String)] = []
    ) throws(RequestError) {
        var text = "\(method) \(target) HTTP/1.1\r\n"
        if !headers.contains(where: { $0.name.lowercased() == "host" }) {
            text += "Host: localhost\r\n"
        }
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        text += "\r\n"
        var parser = RequestParser()
        var position = 0
        let event = Bytes(text).withUnsafeBytes { bytes in
            parser.next(bytes, from: &position, MessageLimits())
        }
        switch event {
        case .head(let head): self = head
        case .failed(let error): throw error
        default: throw .malformed("the head does not end")
        }
    }
}

/// Where the parts of a request line stand in the head.
struct RequestLine: Sendable {
    var methodEnd: Int
    var target: Range<Int>
    var path: Range<Int>
    var query: Range<Int>
    var authority: Range<Int>?
    var version: Version
}
