// The floor of fan-out: a process that does nothing but write(2) the same bytes to every socket.

import ArgumentParser
import Buffers
import Glibc
import SystemCalls

/// The bare loop as a process of its own, so that its processor time and memory can be told.
struct WriteLoopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "write-loop",
        abstract: "Hand whatever is posted to everybody who got /; for the rows about watchers.",
        shouldDisplay: false)

    func run() throws { try WriteLoop().run() }
}

/// The bare loop as the table calls it.
enum WriteLoopPeer {
    static let name = "write(2) loop"
}

func startWriteLoop(_ scratch: Scratch) throws -> Peer {
    let process = try ChildProcess(
        WriteLoopPeer.name, [ownPath(), "write-loop"], logPath: scratch.path("write-loop.log"))
    let line = try process.nextLine()
    guard let address = SocketAddress(line) else {
        throw BenchFailure("the bare loop does not say where it listens: \(line)")
    }
    return Peer(process, at: Endpoint(address))
}

/// Knows two requests: GET, whose answer goes on for ever, and POST of what is to be written there.
private final class WriteLoop {
    private final class Client {
        let socket: Descriptor
        var input = ByteBuffer()
        init(_ socket: consuming Descriptor) { self.socket = socket }
    }

    private let poller: Poller
    private let listener: Descriptor
    private var clients: [Client?] = []
    private var subscribers: [Client] = []
    private let room = UnsafeMutableRawBufferPointer.allocate(
        byteCount: Limits.readByteCountMax, alignment: 64)

    private static let listenerToken = UInt64.max
    private static let head: StaticString =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    private static let thanks: StaticString = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

    init() throws {
        poller = try Poller()
        listener = try .listener(on: .loopback(port: 0))
        try poller.addReadable(listener.rawValue, token: Self.listenerToken)
    }

    deinit { room.deallocate() }

    func run() throws {
        print(try listener.localAddress())
        fflush(nil)
        while true {
            let count = poller.poll()
            if count == 0 { _ = waitUntilReady(poller.rawDescriptor, POLLIN, milliseconds: -1) }
            for index in 0..<count {
                let token = poller.report(index).token
                if token == Self.listenerToken { try accept() } else { try serve(Int(token)) }
            }
        }
    }

    private func accept() throws {
        while case .accepted(let socket, _) = listener.accept() {
            let client = Client(socket)
            try poller.addReadable(client.socket.rawValue, token: UInt64(clients.count))
            clients.append(client)
        }
    }

    private func serve(_ index: Int) throws {
        guard let client = clients[index] else { return }
        guard case .bytes(let count) = client.socket.read(into: room), count > 0 else {
            clients[index] = nil
            subscribers.removeAll { $0 === client }
            return
        }
        client.input.append(UnsafeRawBufferPointer(rebasing: room[..<count]))
        guard let end = client.input.withUnsafeBytes({ offset(of: "\r\n\r\n", in: $0) }) else {
            return
        }
        let text = String(client.input.copy()[0..<end])
        if text.hasPrefix("GET ") {
            subscribers.append(client)
            try answer(client, Self.head)
        } else {
            let length = text.split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") }
            let bodyByteCount = length.flatMap { Int($0.dropFirst(16)) } ?? 0
            guard client.input.count >= end + 4 + bodyByteCount else { return }
            try publish(client.input.copy().dropFirst(end + 4))
            try answer(client, Self.thanks)
        }
        client.input.truncate(to: 0)
    }

    private func publish(_ message: Bytes) throws {
        var frame = ByteBuffer()
        frame.append(utf8: String(message.count, radix: 16))
        frame.append(literal: "\r\n")
        frame.append(message)
        frame.append(literal: "\r\n")
        try frame.withUnsafeBytes { bytes in
            for subscriber in subscribers { try write(bytes, to: subscriber) }
        }
    }

    private func answer(_ client: Client, _ text: StaticString) throws {
        try write(
            UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount),
            to: client)
    }

    private func write(_ bytes: UnsafeRawBufferPointer, to client: Client) throws {
        var rest = bytes
        while !rest.isEmpty {
            switch client.socket.send(rest) {
            case .bytes(let count): rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            case .wouldBlock:
                let isReady = waitUntilReady(
                    client.socket.rawValue, POLLOUT, milliseconds: Limits.stallMilliseconds)
                guard isReady else { throw BenchFailure("a subscriber does not read") }
            case .failed(let error): throw error
            }
        }
    }
}
