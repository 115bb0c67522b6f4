// Watchers that never read.

import Buffers
import Glibc
import SystemCalls

/// Connections that have asked for a watch and leave what comes where it is.
final class SilentCrowd {
    private let sockets: [Socket]

    private final class Socket {
        let descriptor: Descriptor
        init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
    }

    /// What a connection of them holds back: little, because the kernel pays for all of it.
    private static let receiveByteCount: CInt = 8 << 10

    init(_ count: Int, _ request: Request, _ endpoint: Endpoint) throws {
        var buffer = ByteBuffer()
        request.write(into: &buffer, host: endpoint)
        let bytes = buffer.freeze()
        var sockets: [Socket] = []
        for _ in 0..<count {
            let socket = Socket(try .connecting(to: endpoint.address))
            var size = Self.receiveByteCount
            setsockopt(
                socket.descriptor.rawValue, SOL_SOCKET, SO_RCVBUF, &size,
                socklen_t(MemoryLayout<CInt>.size))
            let isReady = waitUntilReady(
                socket.descriptor.rawValue, POLLOUT, milliseconds: Limits.stallMilliseconds)
            guard isReady,
                case .bytes(bytes.count) = bytes.withUnsafeBytes({
                    socket.descriptor.send($0)
                })
            else { throw BenchFailure("\(endpoint) does not take a request") }
            sockets.append(socket)
        }
        self.sockets = sockets
        for socket in sockets {
            let isAnswered = waitUntilReady(
                socket.descriptor.rawValue, POLLIN, milliseconds: Limits.stallMilliseconds)
            guard isAnswered else { throw BenchFailure("\(endpoint) does not answer a watch") }
        }
    }

    /// Demands that the server has cut nobody off.
    func check() throws {
        for socket in sockets {
            var state = pollfd(fd: socket.descriptor.rawValue, events: Int16(POLLIN), revents: 0)
            _ = Glibc.poll(&state, 1, 0)
            guard Int32(state.revents) & (POLLHUP | POLLERR) == 0 else {
                throw BenchFailure("a watcher that does not read was cut off")
            }
        }
    }
}
