// The start of a request that is sent.

import Buffers

/// The head of a request to send.
public struct OutgoingHead: Sendable {
    public var method: Method
    /// Path and query, percent-encoded (RFC 9112, 3.2.1).
    public var target: String
    /// Beside Host and Content-Length, which are added when it is written.
    public var fields: FieldLines

    /// - Precondition: the method is one with a name here.
    public init(_ method: Method, _ target: String, fields: FieldLines = FieldLines()) {
        precondition(method != .other, "a method without a name")
        self.method = method
        self.target = target
        self.fields = fields
    }

    /// Whether the target is a path that can stand in a request line: no spaces, control
    /// characters, fragment, or anything beyond ASCII.
    public var isTargetValid: Bool {
        var isFirst = true
        for byte in target.utf8 {
            if isFirst, byte != Octet.slash { return false }
            isFirst = false
            if byte <= 32 || byte >= 127 || byte == 35 { return false }
        }
        return !isFirst
    }

    /// Appends the head, the empty line included.
    /// - Parameters:
    ///   - prefix: stands before the target; empty, or a path without a slash at its end.
    ///   - authority: host and port of the server (RFC 9110, 7.2).
    /// - Precondition: the target is valid.
    public func write(
        into buffer: inout ByteBuffer, prefix: String, authority: String, bodyByteCount: Int
    ) {
        precondition(isTargetValid, "the target \(target)")
        buffer.append(literal: method.name)
        buffer.append(literal: " ")
        buffer.append(utf8: prefix)
        buffer.append(utf8: target)
        buffer.append(literal: " HTTP/1.1\r\nHost: ")
        buffer.append(utf8: authority)
        buffer.append(literal: "\r\n")
        fields.lines.withUnsafeBytes { buffer.append($0) }
        // RFC 9110, 8.6: also for an empty body of a method that usually has one.
        if bodyByteCount > 0 || method == .post || method == .put || method == .patch {
            buffer.append(literal: "Content-Length: ")
            buffer.append(decimal: bodyByteCount)
            buffer.append(literal: "\r\n")
        }
        buffer.append(literal: "\r\n")
    }
}

extension Method {
    /// As it stands in a request line.
    /// - Precondition: it is not `.other`.
    public var name: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .other: preconditionFailure("a method without a name")
        }
    }

    /// Whether it only reads (RFC 9110, 9.2.1), so that asking again does no harm.
    public var isSafe: Bool { self == .get || self == .head || self == .options }
}
