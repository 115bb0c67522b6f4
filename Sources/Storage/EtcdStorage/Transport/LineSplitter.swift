// Lines out of pieces of any size. Performs no I/O.

import Buffers

/// Puts lines together from what comes, each byte looked at once.
struct LineSplitter: Sendable {
    /// A line's end has not come yet.
    private var begun: [Bytes] = []
    private var begunByteCount = 0
    /// Not looked at yet.
    private var rest = Bytes.empty

    /// Takes the next piece.
    /// - Precondition: `next` has returned `nil` since the last one.
    mutating func append(_ piece: Bytes) {
        precondition(rest.isEmpty, "a piece before the last one was read")
        rest = piece
    }

    /// The next whole line that is not empty, without its end.
    mutating func next() -> Bytes? {
        while !rest.isEmpty {
            guard let end = rest.firstNewline else {
                begun.append(rest)
                begunByteCount += rest.count
                rest = .empty
                return nil
            }
            let line = joined(with: rest[0..<end])
            rest = rest.dropFirst(end + 1)
            if !line.isEmpty { return line }
        }
        return nil
    }

    /// How long the line is that has begun.
    var byteCount: Int { begunByteCount }

    private mutating func joined(with last: Bytes) -> Bytes {
        guard !begun.isEmpty else { return last }
        var buffer = ByteBuffer(reserving: begunByteCount + last.count)
        for piece in begun { buffer.append(piece) }
        buffer.append(last)
        begun = []
        begunByteCount = 0
        return buffer.freeze()
    }
}

extension Bytes {
    fileprivate var firstNewline: Int? {
        withUnsafeBytes { $0.firstIndex(of: UInt8(ascii: "\n")) }
    }
}
