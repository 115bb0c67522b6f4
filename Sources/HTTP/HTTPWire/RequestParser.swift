// Requests out of bytes that arrive in pieces.

import Buffers

/// Takes requests apart, one after the other. Does no I/O, and gives the same requests and errors
/// however the input is cut.
public struct RequestParser: Sendable {
    public enum Event: Sendable {
        /// All of the input is used up.
        case needsMore
        /// A request starts. Its body and its end follow.
        case head(RequestHead)
        /// A piece of the body, as a range of the input.
        case body(Range<Int>)
        /// The request is complete.
        case end
        /// Nothing after this can be understood. Every later call gives the same.
        case failed(RequestError)
    }

    private indirect enum Phase: Sendable {
        case fixedBody(remaining: Int)
        case chunkedBody(ChunkReader)
        case failed(RequestError)
    }

    private var scan = HeadScan()
    /// The head up to now, when it did not arrive in one piece.
    private var partialHead: [UInt8] = []
    /// What follows the head; nil in a head. Apart, because most requests have none.
    private var rest: Phase?
    private var isComplete = false

    public init() {}

    /// Whether a request has begun and is not complete.
    public var isInsideRequest: Bool { rest != nil || isComplete || !partialHead.isEmpty }

    /// The next event from `input`, starting at `position`, which moves on behind what was used.
    public mutating func next(
        _ input: UnsafeRawBufferPointer, from position: inout Int, _ limits: MessageLimits
    ) -> Event {
        do {
            if isComplete {
                isComplete = false
                return .end
            }
            guard let rest else { return try readHead(input, &position, limits) }
            return try readRest(rest, input, &position, limits)
        } catch {
            rest = .failed(error)
            partialHead = []
            return .failed(error)
        }
    }

    // MARK: Head

    private mutating func readHead(
        _ input: UnsafeRawBufferPointer, _ position: inout Int, _ limits: MessageLimits
    ) throws(RequestError) -> Event {
        guard position < input.count else { return .needsMore }
        if partialHead.isEmpty {
            let message = input.slice(position..<input.count)
            guard let end = try scan.advance(message, limits) else {
                partialHead = [UInt8](message)
                position = input.count
                return .needsMore
            }
            position += end
            return try finishHead(message.slice(scan.start..<end), limits)
        }
        return try continueHead(input, &position, limits)
    }

    private mutating func continueHead(
        _ input: UnsafeRawBufferPointer, _ position: inout Int, _ limits: MessageLimits
    ) throws(RequestError) -> Event {
        let known = partialHead.count
        // One byte over the limit is enough to find out; two more for an empty line before.
        let wanted = min(input.count - position, limits.headByteCountMax + 3 - known)
        partialHead.append(contentsOf: input.slice(position..<position + wanted))
        let message = partialHead
        let end = try message.withUnsafeBufferPointer { bytes throws(RequestError) in
            try scan.advance(UnsafeRawBufferPointer(bytes), limits)
        }
        guard let end else {
            position += wanted
            return .needsMore
        }
        position += end - known
        partialHead = []
        return try message.withUnsafeBufferPointer { bytes throws(RequestError) in
            try finishHead(UnsafeRawBufferPointer(bytes).slice(scan.start..<end), limits)
        }
    }

    private mutating func finishHead(
        _ bytes: UnsafeRawBufferPointer, _ limits: MessageLimits
    ) throws(RequestError) -> Event {
        let lineCount = scan.lineCount
        scan = HeadScan()
        let head = try HeadParser.parse(Bytes(copying: bytes), lineCount: lineCount)
        guard head.lines.target.count <= limits.targetByteCountMax else { throw .targetTooLong }
        switch head.framing.body {
        case .none:
            isComplete = true
        case .fixed(let count):
            // RFC 9110, 15.5.14: refused before any of it is read.
            guard count <= limits.bodyByteCountMax else { throw .bodyTooLarge }
            rest = .fixedBody(remaining: count)
        case .chunked:
            rest = .chunkedBody(ChunkReader())
        }
        return .head(head)
    }

    // MARK: Body

    private mutating func readRest(
        _ phase: Phase, _ input: UnsafeRawBufferPointer, _ position: inout Int,
        _ limits: MessageLimits
    ) throws(RequestError) -> Event {
        switch phase {
        case .failed(let error):
            throw error
        case .fixedBody(let remaining):
            let count = min(remaining, input.count - position)
            guard count > 0 else { return .needsMore }
            defer { position += count }
            rest = remaining > count ? .fixedBody(remaining: remaining - count) : nil
            isComplete = remaining == count
            return .body(position..<position + count)
        case .chunkedBody(var reader):
            let event = try reader.next(input, from: &position, limits)
            rest = event == .end ? nil : .chunkedBody(reader)
            switch event {
            case .needsMore: return .needsMore
            case .data(let range): return .body(range)
            case .end: return .end
            }
        }
    }
}
