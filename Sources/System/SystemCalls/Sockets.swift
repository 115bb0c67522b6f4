// TCP sockets that never block.

import CLinux
import Glibc

/// What came of reading or writing without waiting.
public enum Transfer: Equatable, Sendable {
    /// This many bytes, at least one unless none were asked for.
    case bytes(Int)
    case wouldBlock
    case failed(SystemError)
}

/// What came of accepting without waiting.
public enum Acceptance: ~Copyable {
    case accepted(Descriptor, peer: SocketAddress)
    case wouldBlock
    case failed(SystemError)
}

/// Two stream sockets connected to each other.
public struct SocketPair: ~Copyable {
    public let first: Descriptor
    public let second: Descriptor

    /// Hands both over.
    public consuming func take<Result: ~Copyable>(
        _ body: (consuming Descriptor, consuming Descriptor) -> Result
    ) -> Result {
        body(first, second)
    }
}

extension Descriptor {
    /// A listening TCP socket. Several may listen on one address: the kernel spreads connections
    /// over them (`SO_REUSEPORT`). What it accepts is sent without delay and probed when idle.
    /// - Throws: what socket(2), setsockopt(2), bind(2) or listen(2) refused.
    public static func listener(on address: SocketAddress) throws(SystemError) -> Descriptor {
        let socket = try streamSocket(for: address)
        try socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
        try socket.set(SOL_SOCKET, SO_REUSEPORT, 1)
        try socket.set(CInt(IPPROTO_TCP), TCP_NODELAY, 1)
        try socket.set(SOL_SOCKET, SO_KEEPALIVE, 1)
        try socket.set(CInt(IPPROTO_TCP), TCP_KEEPIDLE, Limits.keepAliveIdleSeconds)
        try socket.set(CInt(IPPROTO_TCP), TCP_KEEPINTVL, Limits.keepAliveIntervalSeconds)
        try socket.set(CInt(IPPROTO_TCP), TCP_NOTSENT_LOWAT, Limits.unsentByteCountMax)
        let bound = address.withKernelForm { bind(socket.rawValue, $0, $1) }
        guard bound == 0 else { throw .last("bind") }
        guard listen(socket.rawValue, Limits.listenBacklogMax) == 0 else { throw .last("listen") }
        return socket
    }

    /// Finds out whether anybody listens at `address`. That may change at once.
    /// - Throws: what socket(2), setsockopt(2) or bind(2) refused: `EADDRINUSE` for a listener.
    public static func checkIsFree(_ address: SocketAddress) throws(SystemError) {
        let socket = try streamSocket(for: address)
        try socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
        let bound = address.withKernelForm { bind(socket.rawValue, $0, $1) }
        guard bound == 0 else { throw .last("bind") }
    }

    /// A TCP socket on its way to `address`. It is connected when it becomes writable and
    /// `connectError()` is nil.
    /// - Throws: what socket(2), setsockopt(2) or connect(2) refused at once.
    public static func connecting(to address: SocketAddress) throws(SystemError) -> Descriptor {
        let socket = try streamSocket(for: address)
        try socket.set(CInt(IPPROTO_TCP), TCP_NODELAY, 1)
        let result = address.withKernelForm { connect(socket.rawValue, $0, $1) }
        guard result == 0 || errno == EINPROGRESS else { throw .last("connect") }
        return socket
    }

    /// Two stream sockets connected to each other on this machine.
    /// - Throws: what socketpair(2) refused.
    public static func socketPair() throws(SystemError) -> SocketPair {
        var pair: (CInt, CInt) = (-1, -1)
        let kind = CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let result = withUnsafeMutableBytes(of: &pair) { pointer in
            socketpair(AF_UNIX, kind, 0, pointer.assumingMemoryBound(to: CInt.self).baseAddress)
        }
        guard result == 0 else { throw .last("socketpair") }
        return SocketPair(
            first: Descriptor(takingOwnership: pair.0), second: Descriptor(takingOwnership: pair.1))
    }

    private static func streamSocket(for address: SocketAddress) throws(SystemError) -> Descriptor {
        let result = clinux_stream_socket(address.kernelFamily)
        guard result >= 0 else { throw .last("socket") }
        return Descriptor(takingOwnership: result)
    }

    /// A socket for datagrams, by which the kernel can be asked for ways.
    static func datagramSocket(
        _ family: SocketAddress.Family
    ) throws(SystemError) -> Descriptor {
        let type = CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
        let result = socket(family == .ipv4 ? AF_INET : AF_INET6, type, 0)
        guard result >= 0 else { throw .last("socket") }
        return Descriptor(takingOwnership: result)
    }

    private borrowing func set(
        _ level: CInt, _ option: CInt, _ value: CInt
    ) throws(SystemError) {
        var value = value
        let size = socklen_t(MemoryLayout<CInt>.size)
        guard setsockopt(rawValue, level, option, &value, size) == 0 else {
            throw .last("setsockopt")
        }
    }

    /// The address this socket is bound to.
    /// - Throws: what getsockname(2) refused.
    public borrowing func localAddress() throws(SystemError) -> SocketAddress {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(rawValue, $0, &size)
            }
        }
        guard result == 0 else { throw .last("getsockname") }
        return SocketAddress(storage)
    }

    /// Why a connection failed, once the socket reported something; nil when it is connected.
    public borrowing func connectError() -> SystemError? {
        var code: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        guard getsockopt(rawValue, SOL_SOCKET, SO_ERROR, &code, &size) == 0 else {
            return .last("getsockopt")
        }
        return code == 0 ? nil : SystemError(code: code, operation: "connect")
    }

    /// Takes one waiting connection.
    public borrowing func accept() -> Acceptance {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                clinux_accept(rawValue, $0, &size)
            }
        }
        if result >= 0 {
            return .accepted(Descriptor(takingOwnership: result), peer: SocketAddress(storage))
        }
        return errno == EAGAIN ? .wouldBlock : .failed(.last("accept4"))
    }

    /// Reads what has arrived; `.bytes(0)` when the peer has finished sending.
    public borrowing func read(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        while true {
            let result = Glibc.read(rawValue, buffer.baseAddress, buffer.count)
            if result >= 0 { return .bytes(result) }
            if errno == EAGAIN { return .wouldBlock }
            if errno != EINTR { return .failed(.last("read")) }
        }
    }

    /// Sends as much as the kernel takes.
    public borrowing func send(_ buffer: UnsafeRawBufferPointer) -> Transfer {
        while true {
            let result = clinux_send(rawValue, buffer.baseAddress, buffer.count)
            if result >= 0 { return .bytes(result) }
            if errno == EAGAIN { return .wouldBlock }
            if errno != EINTR { return .failed(.last("send")) }
        }
    }

    /// Sends as much of `segments`, in order, as the kernel takes.
    /// - Precondition: at most `IOV_MAX` segments.
    public borrowing func send(_ segments: UnsafeBufferPointer<iovec>) -> Transfer {
        while true {
            let result = clinux_send_vector(rawValue, segments.baseAddress, segments.count)
            if result >= 0 { return .bytes(result) }
            if errno == EAGAIN { return .wouldBlock }
            if errno != EINTR { return .failed(.last("sendmsg")) }
        }
    }

    /// Tells the peer that nothing more will come. It may be gone already.
    public borrowing func finishSending() {
        _ = shutdown(rawValue, CInt(SHUT_WR))
    }
}

/// Bounds of sockets.
enum Limits {
    /// Connections that wait to be accepted; the kernel lowers it to net.core.somaxconn.
    static let listenBacklogMax: CInt = 4096
    /// Bytes that wait in the kernel for a peer that takes no more (tcp(7), `TCP_NOTSENT_LOWAT`).
    /// Without it the kernel lets a peer that never reads have 3 MB.
    static let unsentByteCountMax: CInt = 128 << 10
    /// A peer that vanished without a word is noticed after this and about nine probes: two and a
    /// half minutes. With unsent or unacknowledged bytes the kernel's own repetitions take the
    /// place of the probes (`net.ipv4.tcp_retries2`, about a quarter of an hour).
    /// `TCP_USER_TIMEOUT` would be quicker, but it also ends connections to peers that answer and
    /// do not read: watchers that are slow, and are not to be cut.
    static let keepAliveIdleSeconds: CInt = 60
    static let keepAliveIntervalSeconds: CInt = 10
}
