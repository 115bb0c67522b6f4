// The start of a response that is received: its status line and header fields.

import Buffers

/// A response that breaks the protocol or a limit: nothing after it on the connection can be
/// understood.
public struct ResponseError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong, for people.
    public let message: String

    public init(_ message: String) { self.message = message }

    init(_ error: RequestError) {
        message =
            error.status == .uriTooLong ? "the status line is too long" : error.message
    }

    public var description: String { message }
}

/// A status line and header fields, checked. Copies share the bytes.
public struct IncomingHead: Sendable {
    public let status: HTTPStatus
    public let version: Version
    public let headers: HeaderFields
    /// Whether the server takes another request on this connection (RFC 9112, 9.3).
    public let persists: Bool
    let body: IncomingBody

    /// The length of the body when the head tells it; nil for one that is chunked or ends with the
    /// connection.
    public var bodyByteCount: Int? {
        switch body {
        case .none: 0
        case .fixed(let count): count
        case .chunked, .untilClose: nil
        }
    }
}

/// How the end of a response's body is found (RFC 9112, 6.3).
enum IncomingBody: Equatable, Sendable {
    case none
    /// This many bytes, at least one.
    case fixed(Int)
    case chunked
    case untilClose
}

/// Reads a complete head of a response.
enum IncomingHeadParser {
    /// - Parameters:
    ///   - lineCount: lines in `bytes`, the status line and the empty one included.
    ///   - isForHead: whether HEAD was asked, whose answer has no body, whatever it says.
    static func parse(
        _ bytes: Bytes, lineCount: Int, isForHead: Bool
    ) throws(RequestError) -> IncomingHead {
        try bytes.withUnsafeBytes { head throws(RequestError) in
            guard let lineEnd = head.position(of: Octet.lineFeed, from: 0) else {
                throw .malformed("the status line has no end")
            }
            let (version, status) = try statusLine(head.slice(0..<lineEnd - 1))
            let places = try HeadParser.fields(head, from: lineEnd + 1, count: lineCount - 2)
            let framing = try ResponseFraming(places, in: head, version)
            let body = try framing.body(status, isForHead: isForHead)
            return IncomingHead(
                status: status, version: version,
                headers: HeaderFields(bytes: bytes, places: places),
                persists: framing.options.persists(version) && body != .untilClose, body: body)
        }
    }

    /// RFC 9112, 4: version SP status SP reason. The space before an absent reason is often left
    /// out; the reason is not looked at otherwise.
    private static func statusLine(
        _ line: UnsafeRawBufferPointer
    ) throws(RequestError) -> (Version, HTTPStatus) {
        guard line.count >= 12, line[8] == Octet.space,
            line.count == 12 || line[12] == Octet.space
        else { throw .malformed("the status line is malformed") }
        var code = 0
        for byte in line.slice(9..<12) {
            guard byte &- 48 < 10 else { throw .malformed("the status is no number") }
            code = code * 10 + Int(byte - 48)
        }
        // RFC 9110, 15: 100 to 599.
        guard (100...599).contains(code) else { throw .malformed("the status is out of range") }
        guard line.slice(12..<line.count).isFieldContent else {
            throw .malformed("the status line holds a control character")
        }
        return (try version(line.slice(0..<8)), HTTPStatus(code))
    }

    private static func version(_ text: UnsafeRawBufferPointer) throws(RequestError) -> Version {
        if text.equals("HTTP/1.1") { return .http11 }
        if text.equals("HTTP/1.0") { return .http10 }
        throw .malformed("the answer is not HTTP/1.0 or HTTP/1.1")
    }
}

/// What the header fields of a response say about the message itself.
private struct ResponseFraming {
    private(set) var options = ConnectionOptions()
    private let version: Version
    private var contentLength: Int?
    private var isChunked = false

    init(
        _ places: [HeaderFields.Place], in head: UnsafeRawBufferPointer, _ version: Version
    ) throws(RequestError) {
        self.version = version
        for place in places {
            try read(head.slice(place.nameRange), head.slice(place.valueRange))
        }
    }

    private mutating func read(
        _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
    ) throws(RequestError) {
        switch name.count {
        case 10 where name.equalsIgnoringCase("connection"):
            options.read(value)
        case 14 where name.equalsIgnoringCase("content-length"):
            // RFC 9112, 6.3: a repeated field may be refused, and is.
            guard contentLength == nil else { throw .malformed("more than one Content-Length") }
            contentLength = try ContentLength.parse(value)
        case 17 where name.equalsIgnoringCase("transfer-encoding"):
            // RFC 9112, 6.1: faulty in HTTP/1.0. No coding but chunked was asked for.
            guard version == .http11 else { throw .malformed("Transfer-Encoding in HTTP/1.0") }
            guard !isChunked, value.equalsIgnoringCase("chunked") else {
                throw .malformed("a transfer coding other than chunked")
            }
            isChunked = true
        default:
            break
        }
    }

    func body(_ status: HTTPStatus, isForHead: Bool) throws(RequestError) -> IncomingBody {
        // RFC 9112, 6.3: both fields together are an attempt to split a response.
        guard contentLength == nil || !isChunked else {
            throw .malformed("Content-Length and Transfer-Encoding")
        }
        if status.code < 200 || status == .noContent {
            // RFC 9110, 8.6 and RFC 9112, 6.1: neither field may stand here. Whoever announces a
            // body also sends one, which would be taken for the next response.
            guard !isChunked, contentLength ?? 0 == 0 else {
                throw .malformed("a body is announced with a status that has none")
            }
            return .none
        }
        if isForHead || status == .notModified { return .none }
        if isChunked { return .chunked }
        guard let contentLength else { return .untilClose }
        return contentLength == 0 ? .none : .fixed(contentLength)
    }
}
