// One call after another over one connection: for setting up, checking, and pacing writes.

import Buffers
import Glibc
import SystemCalls

/// An answer with its body.
struct HTTPAnswer {
    let status: Int
    let body: Bytes
    let etag: String?
}

/// A client that waits for each answer. Belongs to one thread.
final class HTTPCaller {
    private let endpoint: Endpoint
    private let room = SocketRoom()
    private let socket: ClientSocket
    private var reader = ResponseReader(keepsBody: true)

    init(_ endpoint: Endpoint) throws {
        self.endpoint = endpoint
        socket = try ClientSocket(to: endpoint, room)
        try wait(POLLOUT)
        while !(try socket.open()) { try wait(socket.hasUnsent ? POLLIN | POLLOUT : POLLIN) }
    }

    /// Sends a request and reads the answer.
    func call(_ request: Request) throws -> HTTPAnswer {
        var buffer = ByteBuffer()
        request.write(into: &buffer, host: endpoint)
        try buffer.withUnsafeBytes { try socket.send($0) }
        while socket.hasUnsent {
            try wait(POLLOUT)
            try socket.flush()
        }
        reader.reset()
        while !(try readMore()) {}
        return HTTPAnswer(
            status: reader.status, body: reader.takeBody(), etag: reader.field("etag"))
    }

    /// Sends a request that must be answered with `status`.
    func expect(_ status: Int, _ request: Request) throws -> HTTPAnswer {
        let answer = try call(request)
        guard answer.status == status else {
            let shown = answer.body[0..<min(answer.body.count, Limits.shownBodyByteCountMax)]
            throw BenchFailure(
                "\(request.method) \(request.path): \(answer.status), not \(status): \(shown)")
        }
        return answer
    }

    private func readMore() throws -> Bool {
        switch try socket.read() {
        case .end: throw BenchFailure("\(endpoint) closed the connection")
        case .bytes(let count, _):
            return try reader.read(UnsafeRawBufferPointer(rebasing: room.bytes[..<count]))
        case .nothing:
            try wait(POLLIN)
            return false
        }
    }

    private func wait(_ events: Int32) throws {
        let isReady = waitUntilReady(
            socket.rawValue, events, milliseconds: Limits.stallMilliseconds)
        guard isReady else { throw BenchFailure("\(endpoint) has gone silent") }
    }
}
