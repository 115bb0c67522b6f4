// Where a server is.

import SystemCalls

/// A server's address as a client is told it.
public struct Endpoint: Hashable, Sendable, CustomStringConvertible, LosslessStringConvertible {
    public let isSecure: Bool
    /// A name or an address, IPv6 without brackets.
    public let host: String
    public let port: UInt16
    /// Stands before the path of each request: empty, or a path without a slash at its end.
    public let prefix: String

    public init(isSecure: Bool, host: String, port: UInt16, prefix: String = "") {
        self.isSecure = isSecure
        self.host = host
        self.port = port
        self.prefix = prefix
    }

    public init(isSecure: Bool, _ address: SocketAddress) {
        self.init(isSecure: isSecure, host: address.host, port: address.port)
    }

    /// Reads `https://name:6443/prefix` (RFC 3986): http or https, without user, query or fragment.
    public init?(_ text: String) {
        let isSecure = text.hasPrefix("https://")
        guard isSecure || text.hasPrefix("http://") else { return nil }
        let rest = text.dropFirst(isSecure ? 8 : 7)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var path = rest[slash...]
        while path.last == "/" { path.removeLast() }
        let isPlain = path.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != 35 && $0 != 63 }
        guard isPlain, let (host, port) = Self.split(rest[..<slash], isSecure ? 443 : 80) else {
            return nil
        }
        self.init(isSecure: isSecure, host: host, port: port, prefix: String(path))
    }

    private static func split(
        _ authority: Substring, _ defaultPort: UInt16
    ) -> (host: String, port: UInt16)? {
        var host = authority
        var port = defaultPort
        let colon = authority.lastIndex(of: ":")
        if let colon, !authority[colon...].contains("]") {
            guard let given = UInt16(authority[authority.index(after: colon)...]), given > 0 else {
                return nil
            }
            port = given
            host = authority[..<colon]
        }
        if host.hasPrefix("[") {
            guard host.hasSuffix("]") else { return nil }
            host = host.dropFirst().dropLast()
            return SocketAddress(host: String(host), port: port).map { ($0.host, port) }
        }
        let isName = host.utf8.allSatisfy { byte in
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95: true
            default: false
            }
        }
        return isName && !host.isEmpty ? (String(host), port) : nil
    }

    /// Host and port as a Host field has them (RFC 9110, 7.2).
    public var authority: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    public var description: String { "\(isSecure ? "https" : "http")://\(authority)\(prefix)" }
}
