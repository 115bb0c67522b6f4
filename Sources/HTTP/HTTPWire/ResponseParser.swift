// Responses out of bytes that arrive in pieces.

import Buffers

/// Takes the responses on one connection apart, one after the other. Does no I/O, and gives the
/// same responses and errors however the input is cut.
///
/// Interim responses (RFC 9110, 15.2) are skipped. A body that ends with the connection is ended by
/// `inputEnded()`.
public struct ResponseParser: Sendable {
    public enum Event: Sendable {
        /// All of the input is used up.
        case needsMore
        /// A response starts. Its body and its end follow.
        case head(IncomingHead)
        /// A piece of the body, as a range of the input.
        case body(Range<Int>)
        /// The response is complete.
        case end
        /// Nothing after this can be understood. Every later call gives the same.
        case failed(ResponseError)
    }

    private enum Phase: Sendable {
        /// No response is asked for.
        case idle
        case head
        case fixedBody(remaining: Int)
        case chunkedBody(ChunkReader)
        case untilClose
        case complete
        case failed(ResponseError)
    }

    /// Interim responses before the final one: a server that sends nothing else is broken.
    static let interimCountMax = 16

    private var phase = Phase.idle
    private var scan = HeadScan()
    /// The head up to now, when it did not arrive in one piece.
    private var partialHead: [UInt8] = []
    private var isForHead = false
    private var interimCount = 0

    public init() {}

    /// Expects the response to a request that is being sent.
    /// - Precondition: the response before it is complete.
    public mutating func begin(isForHead: Bool) {
        guard case .idle = phase else { preconditionFailure("inside a response") }
        phase = .head
        interimCount = 0
        self.isForHead = isForHead
    }

    /// Whether anything of the response has come.
    public var hasBegun: Bool {
        switch phase {
        case .idle: false
        case .head: !partialHead.isEmpty || interimCount > 0
        default: true
        }
    }

    /// The next event from `input`, starting at `position`, which moves on behind what was used.
    /// After `.end` nothing is read until `begin`.
    public mutating func next(
        _ input: UnsafeRawBufferPointer, from position: inout Int, _ limits: MessageLimits
    ) -> Event {
        do {
            return try step(input, &position, limits)
        } catch {
            return fail(ResponseError(error))
        }
    }

    /// The connection ended, cleanly: the end of a body that only this ends, else a failure.
    public mutating func inputEnded() -> Event {
        switch phase {
        case .untilClose, .complete:
            phase = .idle
            return .end
        case .failed(let error): return .failed(error)
        default:
            let what = hasBegun ? "the response is cut off" : "the connection ended before it"
            return fail(ResponseError(what))
        }
    }

    private mutating func fail(_ error: ResponseError) -> Event {
        phase = .failed(error)
        partialHead = []
        return .failed(error)
    }

    private mutating func step(
        _ input: UnsafeRawBufferPointer, _ position: inout Int, _ limits: MessageLimits
    ) throws(RequestError) -> Event {
        switch phase {
        case .failed(let error): return .failed(error)
        case .idle:
            if position == input.count { return .needsMore }
            throw .malformed("a response that was not asked for")
        case .head: return try readHead(input, &position, limits)
        case .complete:
            phase = .idle
            return .end
        case .fixedBody(let remaining):
            guard let range = take(remaining, input, &position) else { return .needsMore }
            let left = remaining - range.count
            phase = left == 0 ? .complete : .fixedBody(remaining: left)
            return .body(range)
        case .untilClose:
            return take(.max, input, &position).map { .body($0) } ?? .needsMore
        case .chunkedBody(let reader): return try readChunks(reader, input, &position, limits)
        }
    }

    private func take(
        _ most: Int, _ input: UnsafeRawBufferPointer, _ position: inout Int
    ) -> Range<Int>? {
        let count = min(most, input.count - position)
        guard count > 0 else { return nil }
        defer { position += count }
        return position..<position + count
    }

    private mutating func readChunks(
        _ reader: ChunkReader, _ input: UnsafeRawBufferPointer, _ position: inout Int,
        _ limits: MessageLimits
    ) throws(RequestError) -> Event {
        var reader = reader
        let event = try reader.next(input, from: &position, limits)
        phase = event == .end ? .idle : .chunkedBody(reader)
        switch event {
        case .needsMore: return .needsMore
        case .data(let range): return .body(range)
        case .end: return .end
        }
    }

    // MARK: Head

    private mutating func readHead(
        _ input: UnsafeRawBufferPointer, _ position: inout Int, _ limits: MessageLimits
    ) throws(RequestError) -> Event {
        while position < input.count {
            guard let head = try completeHead(input, &position, limits) else { continue }
            if let event = try accept(head, limits) { return event }
        }
        return .needsMore
    }

    /// Nil while the head is not complete; then all of the input is used, or all that is needed to
    /// find out that the head is too long.
    private mutating func completeHead(
        _ input: UnsafeRawBufferPointer, _ position: inout Int, _ limits: MessageLimits
    ) throws(RequestError) -> IncomingHead? {
        if partialHead.isEmpty {
            let message = input.slice(position..<input.count)
            guard let end = try findEnd(message, limits) else {
                partialHead = [UInt8](message)
                position = input.count
                return nil
            }
            position += end
            return try finishHead(message.slice(0..<end))
        }
        let known = partialHead.count
        let wanted = min(input.count - position, limits.headByteCountMax + 1 - known)
        partialHead.append(contentsOf: input.slice(position..<position + wanted))
        let message = partialHead
        let head = try message.withUnsafeBufferPointer {
            bytes throws(RequestError) -> IncomingHead? in
            let bytes = UnsafeRawBufferPointer(bytes)
            guard let end = try findEnd(bytes, limits) else { return nil }
            position += end - known
            return try finishHead(bytes.slice(0..<end))
        }
        if head == nil { position += wanted } else { partialHead = [] }
        return head
    }

    private mutating func findEnd(
        _ message: UnsafeRawBufferPointer, _ limits: MessageLimits
    ) throws(RequestError) -> Int? {
        let end = try scan.advance(message, limits)
        // RFC 9112, 2.2 lets servers skip an empty line before a request, but not clients.
        guard scan.start == 0 else { throw .malformed("the response starts with an empty line") }
        return end
    }

    private mutating func finishHead(
        _ bytes: UnsafeRawBufferPointer
    ) throws(RequestError) -> IncomingHead {
        let lineCount = scan.lineCount
        scan = HeadScan()
        return try IncomingHeadParser.parse(
            Bytes(copying: bytes), lineCount: lineCount, isForHead: isForHead)
    }

    /// Nil for an interim response.
    private mutating func accept(
        _ head: IncomingHead, _ limits: MessageLimits
    ) throws(RequestError) -> Event? {
        // RFC 9110, 15.2.2: nothing here asks for another protocol.
        guard head.status != .switchingProtocols else {
            throw .malformed("the server switches to a protocol that was not asked for")
        }
        if head.status.code < 200 {
            interimCount += 1
            guard interimCount <= Self.interimCountMax else {
                throw .malformed("too many interim responses")
            }
            return nil
        }
        switch head.body {
        case .none: phase = .complete
        case .fixed(let count): phase = .fixedBody(remaining: count)
        case .chunked: phase = .chunkedBody(ChunkReader())
        case .untilClose: phase = .untilClose
        }
        return .head(head)
    }
}
