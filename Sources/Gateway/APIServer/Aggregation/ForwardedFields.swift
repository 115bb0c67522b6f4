// Header fields on their way to another server, and back.

import APIModel
import Access
import Buffers
import HTTPServer
import HTTPWire
import SystemCalls

/// What a server is told beside the request itself: who sends it, in the fields of an
/// authenticating proxy (Kubernetes: "Authenticating Proxy").
struct ForwardedFields {
    private(set) var lines = FieldLines()

    /// - Throws: 400 when a part of the identity would arrive as another one.
    init(_ request: Request, _ user: User) throws(APIStatus) {
        for (name, value) in request.head.headers where !Self.isWithheld(name) {
            lines.add(name: name, value: value)
        }
        lines.add("X-Forwarded-For", request.peer.host)
        try add("X-Remote-User", user.name.string)
        if !user.uid.isEmpty { try add("X-Remote-Uid", user.uid) }
        for group in user.groups { try add("X-Remote-Group", group.string) }
        for (key, values) in user.extra.sorted(by: { $0.key < $1.key }) {
            for value in values { try add("X-Remote-Extra-" + Self.escaped(key), value) }
        }
    }

    private mutating func add(_ name: String, _ value: String) throws(APIStatus) {
        let isPlain = value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        guard isPlain, value.utf8.first != 0x20, value.utf8.last != 0x20 else {
            throw .badRequest("\(value.quoted) in the sender's identity cannot be passed on")
        }
        lines.add(name: Bytes(name), value: Bytes(value))
    }

    /// Bytes that names of fields cannot have stand as `%` and two digits.
    private static func escaped(_ key: String) -> String {
        let digits = Array("0123456789abcdef")
        return key.lowercased().utf8.reduce(into: "") { text, byte in
            let isPlain =
                byte != UInt8(ascii: "%") && FieldLines.isNameByte(byte)
            if isPlain {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
    }

    /// What is about the connection (RFC 9110, 7.6.1), what is written anew, and what would speak
    /// for the sender in our place.
    private static func isWithheld(_ name: Bytes) -> Bool {
        let name = name.description.lowercased()
        return ofConnection.contains(name) || ofRequest.contains(name)
            || ["x-remote-", "impersonate-"].contains { name.hasPrefix($0) }
    }

    private static let ofConnection: Set<String> = [
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization",
        "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "content-length",
    ]
    private static let ofRequest: Set<String> = [
        "authorization", "host", "expect", "x-forwarded-for",
    ]

    /// The fields of an answer, but for those about the connection.
    static func response(_ headers: HeaderFields) -> ResponseFields {
        var fields = ResponseFields()
        for (name, value) in headers {
            let lowercased = name.description.lowercased()
            if ofConnection.contains(lowercased) || lowercased == "date" { continue }
            fields.add(name: name, value: value)
        }
        return fields
    }
}
