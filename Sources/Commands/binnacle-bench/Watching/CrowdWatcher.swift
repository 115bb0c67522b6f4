// One watcher of a crowd.

import Buffers
import Glibc
import SystemCalls

/// One watch: the head of its answer, then chunks, which hold lines.
final class CrowdWatcher {
    let socket: Descriptor
    var tally: EventTally
    private(set) var isOpen = false
    /// Whether the server has gone away under it.
    var isCutOff = false
    private var unsent: Bytes
    private var head = ByteBuffer(reserving: 16)
    private var chunks = ChunkDecoder()
    private var lines = LineSplitter()

    /// - Parameter tally: what it has seen before.
    init(_ socket: consuming Descriptor, request: Bytes, tally: EventTally = EventTally()) {
        self.socket = socket
        self.tally = tally
        unsent = request
    }

    func flush() throws {
        guard !unsent.isEmpty else { return }
        if let error = socket.connectError() { throw error }
        switch unsent.withUnsafeBytes({ socket.send($0) }) {
        case .bytes(let count): unsent = unsent.dropFirst(count)
        case .wouldBlock: return
        case .failed(let error): throw error
        }
    }

    /// Reads on, and calls `body` with each event's line.
    func read(
        _ input: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) throws(BenchFailure) -> Void
    ) throws(BenchFailure) {
        var input = input
        if !isOpen {
            guard let start = try readHead(input) else { return }
            input = UnsafeRawBufferPointer(rebasing: input[start...])
        }
        _ = try chunks.decode(input) { (payload) throws(BenchFailure) in
            try lines.split(payload, body)
        }
        if chunks.isFinished { throw BenchFailure("the server ended a watch") }
    }

    /// Returns where the body begins in `input`.
    private func readHead(_ input: UnsafeRawBufferPointer) throws(BenchFailure) -> Int? {
        let before = head.count
        head.append(input)
        let found = head.withUnsafeBytes { offset(of: "\r\n\r\n", in: $0) }
        guard let end = found.map({ $0 + 4 }) else { return nil }
        let text = String(head.copy()[0..<end]).lowercased()
        guard text.hasPrefix("http/1.1 200 "), text.contains("transfer-encoding: chunked") else {
            throw BenchFailure("a watch was answered with \(String(head.copy()))")
        }
        head = ByteBuffer(reserving: 16)
        isOpen = true
        return end - before
    }
}
