// A subscriber that asks again after each answer.

import Buffers

/// Whose long-poll it is: how it is asked, and how the next question is told from an answer.
enum PollForm {
    /// `?poll=true` of a collection at a path.
    case binnacle(path: String)
    /// nchan's: the position is in two header fields.
    case nchan
}

/// One long-poll after another.
final class PollSubscriber: Subscriber {
    let socket: ClientSocket
    var tally: EventTally
    private(set) var isOpen = false
    private let host: Endpoint
    private let form: PollForm
    private var response = ResponseReader(keepsBody: true)
    /// The header fields that say where nchan's next answer begins.
    private var position = ""

    /// - Parameter tally: what it has seen before.
    init(_ socket: ClientSocket, host: Endpoint, _ form: PollForm, tally: EventTally) {
        self.socket = socket
        self.host = host
        self.form = form
        self.tally = tally
    }

    func begin() throws {
        try ask()
        // Whether the server has read it cannot be told: it answers when something happens.
        isOpen = true
    }

    private func ask() throws {
        var buffer = ByteBuffer()
        request.write(into: &buffer, host: host)
        try buffer.withUnsafeBytes { try socket.send($0) }
        response.reset()
    }

    private var request: Request {
        switch form {
        case .binnacle(let path):
            .get("\(path)?poll=true&resourceVersion=\(tally.lastRevision)&timeoutSeconds=300")
        case .nchan: .get(NchanPath.poll, fields: position)
        }
    }

    func read(
        _ input: UnsafeRawBufferPointer, _ body: (SeenEvent) throws(BenchFailure) -> Void
    ) throws {
        guard try response.read(input) else { return }
        guard response.status == 200 else {
            throw BenchFailure("a long-poll was answered with \(response.status)")
        }
        try note(response.takeBody(), body)
        try ask()
    }

    private func note(
        _ answer: Bytes, _ body: (SeenEvent) throws(BenchFailure) -> Void
    ) throws {
        switch form {
        case .binnacle:
            try answer.withUnsafeBytes { (bytes) throws(BenchFailure) in
                try Self.events(of: bytes, body)
            }
        case .nchan:
            let event = try answer.withUnsafeBytes { (bytes) throws(BenchFailure) in
                try EventLine(bytes)
            }
            try body(SeenEvent(revision: event.revision, sentAt: event.sentAt))
            guard let modified = response.field("last-modified"),
                let tag = response.field("etag")
            else { throw BenchFailure("nchan does not say where it is") }
            position = "If-Modified-Since: \(modified)\r\nIf-None-Match: \(tag)\r\n"
        }
    }

    /// Each item of a `WatchEventList` begins with its type, which no object does.
    private static func events(
        of document: UnsafeRawBufferPointer, _ body: (SeenEvent) throws(BenchFailure) -> Void
    ) throws(BenchFailure) {
        let mark: StaticString = "{\"type\":\""
        guard var start = offset(of: mark, in: document) else { return }
        while start < document.count {
            let rest = UnsafeRawBufferPointer(rebasing: document[start...])
            let after = UnsafeRawBufferPointer(rebasing: rest[1...])
            let next = offset(of: mark, in: after).map { start + 1 + $0 } ?? document.count
            let event = try EventLine(
                UnsafeRawBufferPointer(rebasing: document[start..<next]))
            try body(SeenEvent(revision: event.revision, sentAt: event.sentAt))
            start = next
        }
    }
}
