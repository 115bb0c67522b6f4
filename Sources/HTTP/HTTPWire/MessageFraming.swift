// What the header fields of a request say about the message itself: where its body ends, and what
// becomes of the connection.

import Buffers

/// How long a request's body is.
enum BodyFraming: Equatable, Sendable {
    case none
    /// This many bytes, at least one.
    case fixed(Int)
    case chunked
}

/// What the header fields say about the message itself.
struct MessageFraming: Sendable {
    private(set) var body = BodyFraming.none
    /// Whether the client wants another answer on this connection.
    var persists: Bool { options.persists(version) }
    /// Whether the client waits for `100 Continue` before it sends the body.
    private(set) var expectsContinue = false

    private let version: Version
    private var options = ConnectionOptions()
    private var hostCount = 0
    private var contentLength: Int?
    private var isEncoded = false

    /// - Throws: `RequestError` for what RFC 9110 and RFC 9112 do not allow.
    init(
        _ places: [HeaderFields.Place], in head: UnsafeRawBufferPointer, _ version: Version
    ) throws(RequestError) {
        self.version = version
        for place in places {
            try read(head.slice(place.nameRange), head.slice(place.valueRange))
        }
        // RFC 9112, 3.2: 400 for a missing or repeated Host.
        guard hostCount == 1 || (hostCount == 0 && version == .http10) else {
            throw .malformed(hostCount == 0 ? "no Host field" : "more than one Host field")
        }
        try settleBody()
    }

    private mutating func read(
        _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
    ) throws(RequestError) {
        switch name.count {
        case 4 where name.equalsIgnoringCase("host"):
            // RFC 9110, 7.2: 400 for an invalid Host.
            guard HostField.isValid(value) else { throw .malformed("the Host field is malformed") }
            hostCount += 1
        case 6 where name.equalsIgnoringCase("expect"):
            try readExpect(value)
        case 10 where name.equalsIgnoringCase("connection"):
            options.read(value)
        case 14 where name.equalsIgnoringCase("content-length"):
            try readContentLength(value)
        case 16 where name.equalsIgnoringCase("content-encoding"):
            isEncoded = isEncoded || !(value.isEmpty || value.equalsIgnoringCase("identity"))
        case 17 where name.equalsIgnoringCase("transfer-encoding"):
            try readTransferEncoding(value)
        default:
            break
        }
    }

    private mutating func readExpect(_ value: UnsafeRawBufferPointer) throws(RequestError) {
        // RFC 9110, 10.1.1: 417 for what is not understood; HTTP/1.0 clients expect nothing.
        guard version == .http11 else { return }
        guard value.equalsIgnoringCase("100-continue") else {
            throw RequestError(.expectationFailed, "only 100-continue can be expected")
        }
        expectsContinue = true
    }

    private mutating func readContentLength(
        _ value: UnsafeRawBufferPointer
    ) throws(RequestError) {
        // RFC 9112, 6.3 and RFC 9110, 8.6: a list or a repeated field may be refused, and is.
        guard contentLength == nil else { throw .malformed("more than one Content-Length") }
        contentLength = try ContentLength.parse(value)
    }

    private mutating func readTransferEncoding(
        _ value: UnsafeRawBufferPointer
    ) throws(RequestError) {
        // RFC 9112, 6.1: an HTTP/1.0 message with a transfer coding has faulty framing.
        guard version == .http11 else { throw .malformed("Transfer-Encoding in HTTP/1.0") }
        // RFC 9112, 6.3: without a final chunked coding the length is unknown; RFC 9112, 7: chunked
        // is applied once. No other coding is served.
        guard body == .none, value.equalsIgnoringCase("chunked") else {
            throw .malformed("a transfer coding other than chunked")
        }
        body = .chunked
    }

    private mutating func settleBody() throws(RequestError) {
        if let contentLength {
            // RFC 9112, 6.1: both fields together are an attempt to smuggle a request.
            guard body == .none else { throw .malformed("Content-Length and Transfer-Encoding") }
            if contentLength > 0 { body = .fixed(contentLength) }
        }
        if body == .none {
            expectsContinue = false
        } else if isEncoded {
            // RFC 9110, 8.4 and 15.5.16.
            throw RequestError(.unsupportedMediaType, "encoded request bodies are not served")
        }
    }
}
