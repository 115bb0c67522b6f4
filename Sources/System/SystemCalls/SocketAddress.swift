// Where a socket is bound or connected: an IPv4 or IPv6 address and a port.

import Glibc

/// An IPv4 or IPv6 address and a port.
public struct SocketAddress: Hashable, Sendable {
    public enum Family: UInt8, Sendable { case ipv4, ipv6 }

    public let family: Family
    public let port: UInt16
    /// The zone of a link-local IPv6 address.
    private let scope: UInt32
    /// The address in network order, IPv4 in the last four bytes of `low`.
    private let high: UInt64
    private let low: UInt64

    private init(family: Family, port: UInt16, scope: UInt32, high: UInt64, low: UInt64) {
        self.family = family
        self.port = port
        self.scope = scope
        self.high = high
        self.low = low
    }

    /// 127.0.0.1.
    public static func loopback(port: UInt16) -> SocketAddress {
        SocketAddress(family: .ipv4, port: port, scope: 0, high: 0, low: 0x7F00_0001)
    }

    /// The same address with another port.
    public func with(port: UInt16) -> SocketAddress {
        SocketAddress(family: family, port: port, scope: scope, high: high, low: low)
    }

    /// Whether packets to this address stay on this machine: 127.0.0.0/8 (RFC 1122, 3.2.1.3), ::1
    /// (RFC 4291, 2.5.3), or the former written as IPv6.
    public var isLoopback: Bool {
        switch family {
        case .ipv4: low >> 24 == 127
        case .ipv6: high == 0 && (low == 1 || low >> 24 == 0xFFFF_7F)
        }
    }

    /// Whether it stands for all addresses of this machine: 0.0.0.0 (RFC 1122, 3.2.1.3) or ::
    /// (RFC 4291, 2.5.2).
    public var isUnspecified: Bool { high == 0 && low == 0 }
}

// MARK: - Text

extension SocketAddress: CustomStringConvertible, LosslessStringConvertible {
    /// Reads `127.0.0.1:8080` or `[::1]:8080` (RFC 3986, 3.2.2). Names are not looked up.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }),
            let port = UInt16(digits)
        else { return nil }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            self.init(ipv6: String(host.dropFirst().dropLast()), port: port)
        } else {
            self.init(ipv4: String(host), port: port)
        }
    }

    private init?(ipv4 host: String, port: UInt16) {
        var address = in_addr()
        guard inet_pton(AF_INET, host, &address) == 1 else { return nil }
        let low = UInt64(UInt32(bigEndian: address.s_addr))
        self.init(family: .ipv4, port: port, scope: 0, high: 0, low: low)
    }

    private init?(ipv6 host: String, port: UInt16) {
        var address = in6_addr()
        guard inet_pton(AF_INET6, host, &address) == 1 else { return nil }
        self.init(address, port: port, scope: 0)
    }

    public var description: String {
        switch family {
        case .ipv4: "\(host):\(port)"
        case .ipv6: "[\(host)]:\(port)"
        }
    }

    /// The address without the port, IPv6 without brackets.
    public var host: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        switch family {
        case .ipv4:
            var address = in_addr(s_addr: UInt32(truncatingIfNeeded: low).bigEndian)
            inet_ntop(AF_INET, &address, &text, socklen_t(text.count))
        case .ipv6:
            var address = ipv6Address
            inet_ntop(AF_INET6, &address, &text, socklen_t(text.count))
        }
        let end = text.firstIndex(of: 0) ?? text.count
        return String(decoding: text[..<end].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

// MARK: - The kernel's form

extension SocketAddress {
    private init(_ address: in6_addr, port: UInt16, scope: UInt32) {
        let words = withUnsafeBytes(of: address) { bytes in
            (
                UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
        self.init(family: .ipv6, port: port, scope: scope, high: words.0, low: words.1)
    }

    private var ipv6Address: in6_addr {
        var address = in6_addr()
        withUnsafeMutableBytes(of: &address) { bytes in
            bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
            bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return address
    }

    /// - Precondition: the kernel filled `storage` for an IPv4 or IPv6 socket.
    init(_ storage: sockaddr_storage) {
        switch CInt(storage.ss_family) {
        case AF_INET:
            let address = withUnsafeBytes(of: storage) { $0.loadUnaligned(as: sockaddr_in.self) }
            self.init(
                family: .ipv4, port: UInt16(bigEndian: address.sin_port), scope: 0, high: 0,
                low: UInt64(UInt32(bigEndian: address.sin_addr.s_addr)))
        case AF_INET6:
            let address = withUnsafeBytes(of: storage) { $0.loadUnaligned(as: sockaddr_in6.self) }
            self.init(
                address.sin6_addr, port: UInt16(bigEndian: address.sin6_port),
                scope: address.sin6_scope_id)
        default:
            preconditionFailure("address family \(storage.ss_family)")
        }
    }

    var kernelFamily: CInt { family == .ipv4 ? AF_INET : AF_INET6 }

    /// The address that this machine sends from to others far away, with the port 0; `nil` when it
    /// reaches none. Nothing is sent: the kernel is only asked for the way (connect(2) of a
    /// datagram socket), to addresses that are kept for documentation (RFC 5737, RFC 3849).
    public static func ofThisMachine(_ family: Family) -> SocketAddress? {
        let text = family == .ipv4 ? "192.0.2.1:9" : "[2001:db8::1]:9"
        guard let far = SocketAddress(text),
            let socket = try? Descriptor.datagramSocket(family)
        else { return nil }
        guard far.withKernelForm({ connect(socket.rawValue, $0, $1) }) == 0,
            let own = try? socket.localAddress(), !own.isUnspecified, !own.isLoopback
        else { return nil }
        return own.with(port: 0)
    }

    /// Calls `body` with the kernel's form of this address.
    func withKernelForm<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        switch family {
        case .ipv4:
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(truncatingIfNeeded: low).bigEndian
            return Self.withPointer(to: &address, body)
        case .ipv6:
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_scope_id = scope
            address.sin6_addr = ipv6Address
            return Self.withPointer(to: &address, body)
        }
    }

    private static func withPointer<Address, Result>(
        to address: inout Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }
}
