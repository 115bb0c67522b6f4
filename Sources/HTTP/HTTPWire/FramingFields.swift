// The header fields about a message itself, which mean the same in requests and responses.

import Buffers

/// What the Connection fields of a message ask for (RFC 9112, 9.3).
struct ConnectionOptions: Sendable {
    private var saysClose = false
    private var saysKeepAlive = false

    mutating func read(_ value: UnsafeRawBufferPointer) {
        var start = 0
        while start <= value.count {
            let end = value.position(of: 44, from: start) ?? value.count
            let option = value.slice(value.trimmed(start..<end))
            if option.equalsIgnoringCase("close") { saysClose = true }
            if option.equalsIgnoringCase("keep-alive") { saysKeepAlive = true }
            start = end + 1
        }
    }

    /// Whether the sender keeps the connection: close counts before keep-alive, in whatever order
    /// they stand, and HTTP/1.0 has to ask for it.
    func persists(_ version: Version) -> Bool {
        !saysClose && (version == .http11 || saysKeepAlive)
    }
}

/// Reads a Content-Length.
enum ContentLength {
    /// The number, `Int.max` for one that does not fit: that is over every limit.
    static func parse(_ value: UnsafeRawBufferPointer) throws(RequestError) -> Int {
        var length = 0
        for byte in value {
            guard byte &- 48 < 10 else { throw .malformed("Content-Length is no number") }
            let (product, isLarge) = length.multipliedReportingOverflow(by: 10)
            length = isLarge || product > Int.max - 9 ? Int.max : product + Int(byte - 48)
        }
        guard !value.isEmpty else { throw .malformed("Content-Length is empty") }
        return length
    }
}
