// What a client asks.

import Buffers

/// A request of HTTP/1.1.
struct Request {
    var method = "GET"
    let path: String
    /// Whole header lines, each with its CR LF.
    var fields = ""
    var body = Bytes.empty

    static func get(_ path: String, fields: String = "") -> Request {
        Request(path: path, fields: fields)
    }

    static func post(_ path: String, json body: Bytes) -> Request {
        Request(
            method: "POST", path: path, fields: "Content-Type: application/json\r\n", body: body)
    }

    static func mergePatch(_ path: String, _ body: Bytes) -> Request {
        Request(
            method: "PATCH", path: path,
            fields: "Content-Type: application/merge-patch+json\r\n", body: body)
    }

    func write(into buffer: inout ByteBuffer, host: Endpoint) {
        buffer.append(utf8: "\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\n")
        buffer.append(utf8: fields)
        if method != "GET" { buffer.append(utf8: "Content-Length: \(body.count)\r\n") }
        buffer.append(literal: "\r\n")
        buffer.append(body)
    }
}
