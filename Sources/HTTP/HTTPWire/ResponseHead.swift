// The start of an answer, and how it is written.

import Buffers

/// The status line and header fields of an answer. Date, the length of the body and the fate of the
/// connection are added when it is written.
public struct ResponseHead: Sendable {
    public var status: HTTPStatus
    public var fields: ResponseFields

    public init(_ status: HTTPStatus, _ fields: ResponseFields = ResponseFields()) {
        self.status = status
        self.fields = fields
    }

    /// How the client finds the end of the body (RFC 9112, 6.3).
    public enum Framing: Equatable, Sendable {
        case length(Int)
        case chunked
        /// The body ends with the connection: for HTTP/1.0, which knows no chunks.
        case untilClose
        /// The status allows no body, so nothing is said about one.
        case none
    }

    /// What the answer says about the connection.
    public enum Persistence: Sendable {
        /// What the version implies.
        case implied
        /// HTTP/1.0 needs to be told (RFC 9112, C.2.2).
        case keepAlive
        case close
    }

    /// Appends the head, the empty line included.
    /// - Parameter date: as `HTTPDate` writes it.
    public func write(
        into buffer: inout ByteBuffer, _ framing: Framing, _ persistence: Persistence, date: Bytes
    ) {
        fields.lines.withUnsafeBytes { lines in
            // The fixed part is at most 41 bytes of status line, 37 of date, 28 of framing, 26
            // more.
            buffer.reserve(lines.count + 192)
            writeStatusLine(into: &buffer)
            buffer.append(literal: "Date: ")
            buffer.append(date)
            buffer.append(literal: "\r\n")
            buffer.append(lines)
        }
        switch framing {
        case .length(let count):
            buffer.append(literal: "Content-Length: ")
            buffer.append(decimal: count)
            buffer.append(literal: "\r\n")
        case .chunked: buffer.append(literal: "Transfer-Encoding: chunked\r\n")
        case .untilClose, .none: break
        }
        switch persistence {
        case .implied: buffer.append(literal: "\r\n")
        case .keepAlive: buffer.append(literal: "Connection: keep-alive\r\n\r\n")
        case .close: buffer.append(literal: "Connection: close\r\n\r\n")
        }
    }

    private func writeStatusLine(into buffer: inout ByteBuffer) {
        if status == .ok { return buffer.append(literal: "HTTP/1.1 200 OK\r\n") }
        buffer.append(literal: "HTTP/1.1 ")
        buffer.append(decimal: status.rawValue)
        buffer.append(literal: " ")
        buffer.append(literal: status.reason)
        buffer.append(literal: "\r\n")
    }
}
