// The client's end of a connection, plain or encrypted.

import Buffers
import Crypto
import SystemCalls

/// What all sockets of one thread share, so that an idle one holds no memory of it.
final class SocketRoom {
    /// What was read last.
    let bytes = UnsafeMutableRawBufferPointer.allocate(
        byteCount: Limits.readByteCountMax, alignment: 64)
    lazy var workspace = TLSWorkspace()

    deinit { bytes.deallocate() }
}

/// A connection that never blocks, in a poller that reports changes only. Belongs to one thread.
final class ClientSocket {
    /// What came of reading.
    enum Arrival {
        /// So many bytes are in the room; when it is drained, nothing more is there now.
        case bytes(Int, isDrained: Bool)
        case nothing
        case end
    }

    private let socket: Descriptor
    private let room: SocketRoom
    private let session: TLSSession?
    private let name: String
    private var unsent = ByteBuffer(reserving: 16)
    private var isConnected = false
    /// Whether requests may be sent.
    private(set) var isOpen = false

    init(to endpoint: Endpoint, _ room: SocketRoom) throws {
        self.room = room
        name = endpoint.description
        socket = try .connecting(to: endpoint.address)
        session = try endpoint.security.map {
            try TLSSession(client: $0, of: Endpoint.host, room.workspace)
        }
    }

    var rawValue: CInt { socket.rawValue }

    /// Whether something waits for the socket to take it.
    var hasUnsent: Bool { !unsent.isEmpty }

    /// Goes on with connecting and shaking hands. Returns whether requests may be sent.
    func open() throws -> Bool {
        if isOpen { return true }
        if !isConnected {
            if let error = socket.connectError() { throw error }
            isConnected = true
        }
        guard let session else {
            isOpen = true
            return true
        }
        while !isOpen {
            try flush()
            guard try shakeHands(session) else { return false }
        }
        return true
    }

    /// One step. Returns whether there may be another one now.
    private func shakeHands(_ session: TLSSession) throws -> Bool {
        let progress = session.shakeHands()
        try sendOutput()
        switch progress {
        case .done:
            isOpen = true
            guard try unseal(session, from: 0) == 0 else {
                throw BenchFailure("\(name) speaks before it is asked")
            }
            return true
        case .failed(let failure): throw BenchFailure("\(name): no handshake: \(failure)")
        case .needsInput: break
        }
        switch socket.read(into: room.workspace.inputRoom) {
        case .bytes(0): throw BenchFailure("\(name) closed a connection in its handshake")
        case .bytes(let count):
            room.workspace.offer(
                UnsafeRawBufferPointer(rebasing: room.workspace.inputRoom[..<count]))
            return true
        case .wouldBlock: return false
        case .failed(let error): throw error
        }
    }

    // MARK: Reading

    /// Reads into the room.
    func read() throws -> Arrival {
        if let session { return try readSealed(session) }
        switch socket.read(into: room.bytes) {
        case .bytes(0): return .end
        // A read that leaves room has emptied the socket (epoll(7)), which saves a call.
        case .bytes(let count): return .bytes(count, isDrained: count < room.bytes.count)
        case .wouldBlock: return .nothing
        case .failed(let error): throw error
        }
    }

    /// What one read of ciphertext may become, with a record that had begun before it.
    private static let plainByteCountMax = 96 << 10

    private func readSealed(_ session: TLSSession) throws -> Arrival {
        var count = 0
        while count + Self.plainByteCountMax <= room.bytes.count {
            let sealed = room.workspace.inputRoom
            switch socket.read(into: sealed) {
            case .bytes(0):
                return count > 0 ? .bytes(count, isDrained: false) : .end
            case .bytes(let sealedCount):
                room.workspace.offer(UnsafeRawBufferPointer(rebasing: sealed[..<sealedCount]))
                count += try unseal(session, from: count)
                if sealedCount < sealed.count { return Self.drained(count) }
            case .wouldBlock: return Self.drained(count)
            case .failed(let error): throw error
            }
        }
        return .bytes(count, isDrained: false)
    }

    private static func drained(_ count: Int) -> Arrival {
        count > 0 ? .bytes(count, isDrained: true) : .nothing
    }

    /// Decrypts what the workspace was offered into the room. Returns how many bytes came of it.
    private func unseal(_ session: TLSSession, from start: Int) throws -> Int {
        defer { room.workspace.withdrawInput() }
        var end = start
        while true {
            switch session.read(into: .init(rebasing: room.bytes[end...])) {
            case .bytes(let count): end += count
            case .needsInput, .closed:
                try sendOutput()
                return end - start
            case .failed(let failure): throw BenchFailure("\(name): \(failure)")
            }
        }
    }

    // MARK: Writing

    /// Sends `bytes`; what the socket does not take yet is kept for `flush`.
    func send(_ bytes: UnsafeRawBufferPointer) throws {
        guard let session else { return try pass(bytes) }
        var rest = bytes
        while !rest.isEmpty {
            let record = UnsafeRawBufferPointer(
                rebasing: rest.prefix(TLSLimits.recordByteCountMax))
            rest = UnsafeRawBufferPointer(rebasing: rest[try session.write(record)...])
            if rest.isEmpty || !room.workspace.hasRoomForRecord { try sendOutput() }
        }
    }

    /// Sends what was kept, as far as the socket takes it.
    func flush() throws {
        guard hasUnsent else { return }
        var sent = 0
        try unsent.withUnsafeBytes { sent = try take($0) }
        unsent.removeFirst(sent)
    }

    private func sendOutput() throws {
        guard session != nil, !room.workspace.output.isEmpty else { return }
        defer { room.workspace.clearOutput() }
        try pass(room.workspace.output)
    }

    private func pass(_ bytes: UnsafeRawBufferPointer) throws {
        let sent = hasUnsent ? 0 : try take(bytes)
        if sent < bytes.count { unsent.append(.init(rebasing: bytes[sent...])) }
    }

    /// Hands over as much as the socket takes. Returns how much.
    private func take(_ bytes: UnsafeRawBufferPointer) throws -> Int {
        var sent = 0
        while sent < bytes.count {
            switch socket.send(.init(rebasing: bytes[sent...])) {
            case .bytes(let count): sent += count
            case .wouldBlock: return sent
            case .failed(let error): throw error
            }
        }
        return sent
    }
}
