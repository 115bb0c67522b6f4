// An HTTP/1.1 answer as a client reads it: just enough to know where it ends and what it says.

import Buffers
import Glibc

/// Reads one answer after another from the bytes of a connection.
struct ResponseReader: ~Copyable {
    private enum Phase {
        case head
        case fixed(left: Int)
        case chunked
        case complete
    }

    private var phase = Phase.head
    private var chunks = ChunkDecoder()
    /// The head as far as it has come; all of it once it is there.
    private var head = ByteBuffer(reserving: 512)
    private var isHeadRead = false
    private var kept = ByteBuffer(reserving: 16)
    private let keepsBody: Bool

    private(set) var status = 0
    private(set) var bodyByteCount = 0
    private(set) var closesConnection = false

    /// - Parameter keepsBody: whether to keep the body for `takeBody`, or only to count its bytes.
    init(keepsBody: Bool) { self.keepsBody = keepsBody }

    /// The kept body.
    mutating func takeBody() -> Bytes {
        var body = ByteBuffer(reserving: 16)
        swap(&body, &kept)
        return body.freeze()
    }

    /// The value of a header field of the answer.
    func field(_ name: String) -> String? {
        let lines = String(head.copy()).split(separator: "\r\n")
        let prefix = name.lowercased() + ":"
        guard let line = lines.first(where: { $0.lowercased().hasPrefix(prefix) }) else {
            return nil
        }
        return String(line.dropFirst(prefix.count).drop { $0 == " " })
    }

    /// Gets ready for the next answer.
    mutating func reset() {
        phase = .head
        head.truncate(to: 0)
        kept.truncate(to: 0)
        isHeadRead = false
        chunks = ChunkDecoder()
        bodyByteCount = 0
    }

    /// Reads on. Returns whether the answer is complete.
    /// - Throws: when this is no HTTP, or goes on after its end.
    mutating func read(_ input: UnsafeRawBufferPointer) throws(BenchFailure) -> Bool {
        var input = input
        if case .head = phase {
            guard let end = try readHead(input) else { return false }
            input = UnsafeRawBufferPointer(rebasing: input[end...])
        }
        switch phase {
        case .fixed(let left):
            guard input.count <= left else { throw BenchFailure("bytes after the answer's end") }
            bodyByteCount += input.count
            if keepsBody { kept.append(input) }
            phase = input.count == left ? .complete : .fixed(left: left - input.count)
        case .chunked:
            try readChunks(input)
        case .head, .complete:
            guard input.isEmpty else { throw BenchFailure("bytes after the answer's end") }
        }
        if case .complete = phase { return true }
        return false
    }

    private mutating func readChunks(_ input: UnsafeRawBufferPointer) throws(BenchFailure) {
        var byteCount = 0
        var payloads = ByteBuffer(reserving: 16)
        let keepsBody = keepsBody
        let end = try chunks.decode(input) { (payload) throws(BenchFailure) in
            byteCount += payload.count
            if keepsBody { payloads.append(payload) }
        }
        guard end == input.count else { throw BenchFailure("bytes after the answer's end") }
        bodyByteCount += byteCount
        payloads.withUnsafeBytes { kept.append($0) }
        if chunks.isFinished { phase = .complete }
    }

    /// Takes what belongs to the head. Returns where the body begins in `input`.
    private mutating func readHead(_ input: UnsafeRawBufferPointer) throws(BenchFailure) -> Int? {
        let before = head.count
        // Most heads arrive in one piece, at the front of the first read.
        head.append(UnsafeRawBufferPointer(rebasing: input.prefix(Self.headByteCountMax)))
        let found = head.withUnsafeBytes { offset(of: "\r\n\r\n", in: $0) }
        guard let end = found.map({ $0 + 4 }) else {
            guard head.count < Self.headByteCountMax else { throw BenchFailure("an endless head") }
            return nil
        }
        head.truncate(to: end)
        try readFields()
        return end - before
    }

    private static let headByteCountMax = 16 << 10

    private mutating func readFields() throws(BenchFailure) {
        let fields = try head.withUnsafeBytes { (bytes) throws(BenchFailure) in
            try HeadFields(bytes)
        }
        status = fields.status
        closesConnection = fields.closesConnection
        if status == 304 || status == 204 {
            phase = .complete
        } else if fields.isChunked {
            phase = .chunked
        } else if let length = fields.contentLength {
            phase = length == 0 ? .complete : .fixed(left: length)
        } else {
            throw BenchFailure("an answer \(status) without Content-Length and chunks")
        }
    }
}

/// What a client must know of an answer's head.
private struct HeadFields {
    let status: Int
    private(set) var contentLength: Int?
    private(set) var isChunked = false
    private(set) var closesConnection = false

    init(_ head: UnsafeRawBufferPointer) throws(BenchFailure) {
        guard head.count >= 13, memcmp(head.baseAddress!, "HTTP/1.", 7) == 0 else {
            throw BenchFailure("not an HTTP/1 answer")
        }
        status = head[9..<12].reduce(0) { $0 * 10 + Int($1) - 48 }
        var start = 0
        while let length = head[start...].firstIndex(of: UInt8(ascii: "\n")) {
            start = length + 1
            guard start < head.count else { break }
            readLine(UnsafeRawBufferPointer(rebasing: head[start...]))
        }
    }

    /// Reads the line at the front of `rest`.
    private mutating func readLine(_ rest: UnsafeRawBufferPointer) {
        let text = rest.baseAddress!.assumingMemoryBound(to: CChar.self)
        // The lines end in a byte that is no part of a name, so that a comparison stays inside.
        switch rest[0] | 0x20 {
        case UInt8(ascii: "c"):
            if strncasecmp(text, "content-length:", 15) == 0 {
                contentLength = strtol(text + 15, nil, 10)
            } else if strncasecmp(text, "connection: close", 17) == 0 {
                closesConnection = true
            }
        case UInt8(ascii: "t"):
            if strncasecmp(text, "transfer-encoding: chunked", 26) == 0 { isChunked = true }
        default:
            break
        }
    }
}
