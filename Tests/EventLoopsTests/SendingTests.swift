import Glibc
import SystemCalls
import Testing

/// What the kernel takes off a sender's hands.
struct SendingTests {
    @Test func `a peer that does not read leaves little in the kernel`() throws {
        let listener = try Descriptor.listener(on: .loopback(port: 0))
        let peer = try Descriptor.connecting(to: listener.localAddress())
        var waiting = pollfd(fd: listener.rawValue, events: Int16(POLLIN), revents: 0)
        #expect(poll(&waiting, 1, 10_000) == 1)
        guard case .accepted(let socket, _) = listener.accept() else {
            Issue.record("nothing to accept")
            return
        }
        let piece = [UInt8](repeating: 88, count: 16 << 10)
        var sent = 0
        while sent < 16 << 20 {
            // What is on its way to the peer's own buffer may still arrive there.
            var state = pollfd(fd: socket.rawValue, events: Int16(POLLOUT), revents: 0)
            guard poll(&state, 1, 200) == 1 else { break }
            guard case .bytes(let count) = piece.withUnsafeBytes({ socket.send($0) }) else { break }
            sent += count
        }
        // A peer's buffer begins with 128 KiB and does not grow unless it reads.
        #expect(sent > 0 && sent < 1 << 20, "\(sent) bytes")
        _ = peer.rawValue
    }
}
