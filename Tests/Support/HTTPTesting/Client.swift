// A client that writes and reads what it is told, on a thread of its own.

import Buffers
import Dispatch
import Glibc
import SystemCalls

/// A connection to a server on this machine. Calls suspend until the kernel has done its part; they
/// give up after a minute, which only a broken server makes them do: a kernel whose peer had no
/// room asks again after 10 s and more.
public final class Client: @unchecked Sendable {
    // Reason: everything happens on `queue`.
    private let queue = DispatchQueue(label: "client")
    private var descriptor: Descriptor?
    private let rawDescriptor: CInt
    private var received: [UInt8] = []

    /// - Parameter roomByteCount: what the kernel takes for the client before it reads; the system
    ///   decides unless given, and makes it twice as much.
    public init(_ address: SocketAddress, roomByteCount: Int? = nil) throws {
        let connecting = try Descriptor.connecting(to: address)
        rawDescriptor = connecting.rawValue
        descriptor = consume connecting
        if let roomByteCount { setRoom(roomByteCount) }
    }

    /// Lets the kernel take more before it is read. With little room, reading takes its time: the
    /// sender waits for more of it.
    public func makeRoom() async { await perform { [self] in setRoom(1 << 20) } }

    private func setRoom(_ byteCount: Int) {
        var room = CInt(clamping: byteCount)
        let size = socklen_t(MemoryLayout<CInt>.size)
        setsockopt(rawDescriptor, SOL_SOCKET, SO_RCVBUF, &room, size)
    }

    private func perform<Result: Sendable>(
        _ work: @escaping @Sendable () -> Result
    ) async -> Result {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: work()) }
        }
    }

    public func send(_ text: String) async { await send(Bytes(text)) }

    public func send(_ bytes: Bytes) async {
        await perform { [self] in
            var rest = bytes
            while !rest.isEmpty, wait(for: POLLOUT) {
                let transfer = rest.withUnsafeBytes { descriptor!.send($0) }
                guard case .bytes(let count) = transfer else {
                    if transfer == .wouldBlock { continue }
                    return
                }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// Waits for `text` and returns everything up to its end.
    public func receive(until text: String) async -> String {
        let needle = Array(text.utf8)
        return await perform { [self] in
            var seen = 0
            while true {
                if let end = received.firstEnd(of: needle, from: seen) { return take(end) }
                seen = max(0, received.count - needle.count + 1)
                guard readMore() else { return take(received.count) + "<closed>" }
            }
        }
    }

    /// Everything until the server closes.
    public func receiveAll() async -> String {
        await perform { [self] in
            while readMore() {}
            return take(received.count)
        }
    }

    /// Counts bytes until there are `wanted` or the server closes.
    public func receive(byteCount wanted: Int) async -> Int {
        await perform { [self] in
            var sum = received.count
            received = []
            while sum < wanted, readMore() {
                sum += received.count
                received = []
            }
            return sum
        }
    }

    /// Takes `wanted` bytes and leaves what follows; returns how many there were.
    public func receive(exactly wanted: Int) async -> Int {
        await perform { [self] in
            while received.count < wanted, readMore() {}
            return take(min(wanted, received.count)).utf8.count
        }
    }

    /// Waits until something has come, without taking it.
    public func waitForInput() async {
        await perform { [self] in _ = wait(for: POLLIN) }
    }

    /// One whole answer with a Content-Length.
    public func receiveAnswer() async -> String {
        let head = await receive(until: "\r\n\r\n")
        let length = head.lowercased().split(separator: "\r\n").first {
            $0.hasPrefix("content-length: ")
        }
        let count = length.flatMap { Int($0.dropFirst(16)) } ?? 0
        let body = await perform { [self] in
            while received.count < count, readMore() {}
            return take(min(count, received.count))
        }
        return head + body
    }

    public func finishSending() async {
        await perform { [self] in descriptor!.finishSending() }
    }

    public func close() async {
        await perform { [self] in descriptor = nil }
    }

    private func take(_ count: Int) -> String {
        let taken = String(decoding: received[..<count], as: UTF8.self)
        received.removeFirst(count)
        return taken
    }

    private func readMore() -> Bool {
        guard wait(for: POLLIN) else { return false }
        var buffer = [UInt8](repeating: 0, count: 65536)
        let transfer = buffer.withUnsafeMutableBytes { descriptor!.read(into: $0) }
        guard case .bytes(let count) = transfer, count > 0 else { return transfer == .wouldBlock }
        received.append(contentsOf: buffer[..<count])
        return true
    }

    private func wait(for events: CInt) -> Bool {
        var waiting = pollfd(fd: rawDescriptor, events: Int16(events), revents: 0)
        return poll(&waiting, 1, 60_000) > 0
    }
}

extension [UInt8] {
    /// Where the first `needle` ends that begins at `position` or behind it.
    fileprivate func firstEnd(of needle: [UInt8], from position: Int) -> Int? {
        guard count - position >= needle.count else { return nil }
        for start in position...count - needle.count where self[start] == needle[0] {
            let end = start + needle.count
            if self[start..<end].elementsEqual(needle) { return end }
        }
        return nil
    }
}
