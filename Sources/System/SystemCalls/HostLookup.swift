// Names of hosts to addresses.

import Glibc

/// A name that has no address, or none that could be found now.
public struct HostLookupError: Error, Hashable, Sendable, CustomStringConvertible {
    public let host: String
    /// The reason in the words of getaddrinfo(3).
    public let reason: String

    public var description: String { "\(host): \(reason)" }
}

extension SocketAddress {
    /// The address that `host` is when it is written as one; names are not looked up.
    public init?(host: String, port: UInt16) {
        self.init(host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)")
    }

    /// The addresses of `host`, a name or an address, in the order in which they should be tried
    /// (RFC 6724). At least one. May wait for other machines: never called on a loop.
    /// - Throws: `HostLookupError` when there is none.
    public static func lookUp(
        host: String, port: UInt16
    ) throws(HostLookupError) -> [SocketAddress] {
        if let address = SocketAddress(host: host, port: port) { return [address] }
        var hints = addrinfo()
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, String(port), &hints, &list)
        guard result == 0 else {
            throw HostLookupError(host: host, reason: String(cString: gai_strerror(result)))
        }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next {
            if let address = SocketAddress(entry.pointee) { addresses.append(address) }
            next = entry.pointee.ai_next
        }
        guard !addresses.isEmpty else {
            throw HostLookupError(host: host, reason: "it has no address of IPv4 or IPv6")
        }
        return addresses
    }

    private init?(_ entry: addrinfo) {
        guard entry.ai_family == AF_INET || entry.ai_family == AF_INET6 else { return nil }
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { target in
            target.copyMemory(
                from: UnsafeRawBufferPointer(start: entry.ai_addr, count: Int(entry.ai_addrlen)))
        }
        self.init(storage)
    }
}
