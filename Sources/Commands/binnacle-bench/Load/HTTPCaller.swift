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
    private let address: SocketAddress
    private let socket: Descriptor
    private var reader = ResponseReader(keepsBody: true)
    private let room = UnsafeMutableRawBufferPointer.allocate(
        byteCount: Limits.readByteCountMax, alignment: 16)

    init(_ address: SocketAddress) throws {
        self.address = address
        socket = try Descriptor.connecting(to: address)
        guard waitUntilReady(socket.rawValue, POLLOUT, milliseconds: Limits.stallMilliseconds)
        else { throw BenchFailure("\(address) does not take a connection") }
        if let error = socket.connectError() { throw BenchFailure("\(address): \(error)") }
    }

    deinit { room.deallocate() }

    /// Sends a request and reads the answer.
    func call(_ request: Request) throws -> HTTPAnswer {
        var buffer = ByteBuffer()
        request.write(into: &buffer, host: address)
        try send(buffer.freeze())
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

    private func send(_ bytes: Bytes) throws {
        var rest = bytes
        while !rest.isEmpty {
            switch rest.withUnsafeBytes({ socket.send($0) }) {
            case .bytes(let count): rest = rest.dropFirst(count)
            case .wouldBlock: try wait(POLLOUT)
            case .failed(let error): throw error
            }
        }
    }

    private func readMore() throws -> Bool {
        switch socket.read(into: room) {
        case .bytes(0): throw BenchFailure("\(address) closed the connection")
        case .bytes(let count):
            return try reader.read(UnsafeRawBufferPointer(rebasing: room[..<count]))
        case .wouldBlock:
            try wait(POLLIN)
            return false
        case .failed(let error): throw error
        }
    }

    private func wait(_ events: Int32) throws {
        let isReady = waitUntilReady(
            socket.rawValue, events, milliseconds: Limits.stallMilliseconds)
        guard isReady else { throw BenchFailure("\(address) has gone silent") }
    }
}
