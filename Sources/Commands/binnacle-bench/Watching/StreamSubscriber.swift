// A subscriber whose answer goes on for ever.

import Buffers

/// How a server writes an event as a line of a stream.
enum StreamForm {
    /// As the Kubernetes API does.
    case kubernetes
    /// As etcd's gateway does: several may share a line, and the object is in base64.
    case etcd
}

/// One stream: the head of its answer, then chunks, which hold lines.
final class StreamSubscriber: Subscriber {
    let socket: ClientSocket
    var tally: EventTally
    private(set) var isOpen = false
    private let request: Bytes
    private let form: StreamForm
    private var head = ByteBuffer(reserving: 16)
    private var chunks = ChunkDecoder()
    private var lines = LineSplitter()

    /// - Parameter tally: what it has seen before.
    init(
        _ socket: ClientSocket, request: Bytes, form: StreamForm = .kubernetes,
        tally: EventTally = EventTally()
    ) {
        self.socket = socket
        self.request = request
        self.form = form
        self.tally = tally
    }

    func begin() throws { try request.withUnsafeBytes { try socket.send($0) } }

    func read(
        _ input: UnsafeRawBufferPointer, _ body: (SeenEvent) throws(BenchFailure) -> Void
    ) throws {
        var input = input
        if !isOpen {
            guard let start = try readHead(input) else { return }
            input = UnsafeRawBufferPointer(rebasing: input[start...])
        }
        let form = form
        _ = try chunks.decode(input) { (payload) throws(BenchFailure) in
            try lines.split(payload) { (line) throws(BenchFailure) in
                try form.events(of: line, body)
            }
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

extension StreamForm {
    /// Calls `body` with each event of a line.
    fileprivate func events(
        of line: UnsafeRawBufferPointer, _ body: (SeenEvent) throws(BenchFailure) -> Void
    ) throws(BenchFailure) {
        switch self {
        case .kubernetes:
            let event = try EventLine(line)
            guard event.kind == .change else { return }
            try body(SeenEvent(revision: event.revision, sentAt: event.sentAt))
        case .etcd:
            var rest = line
            while let start = offset(of: "\"mod_revision\":\"", in: rest) {
                let digits = UnsafeRawBufferPointer(rebasing: rest[(start + 16)...])
                let revision = digits.prefix { $0 &- 48 < 10 }
                    .reduce(UInt64(0)) { $0 &* 10 &+ UInt64($1 - 48) }
                try body(SeenEvent(revision: revision, sentAt: nil))
                rest = digits
            }
        }
    }
}
