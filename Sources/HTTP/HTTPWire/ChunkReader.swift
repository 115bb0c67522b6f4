// Takes a chunked body apart (RFC 9112, 7.1).

import Buffers

/// Reads a chunked body from bytes that arrive in pieces.
struct ChunkReader: Sendable {
    enum Event: Equatable {
        case needsMore
        case data(Range<Int>)
        case end
    }

    private enum Phase {
        case size(digits: Int)
        case extensions
        case sizeLineFeed
        case data
        case dataReturn
        case dataLineFeed
        case trailer
    }

    private var phase = Phase.size(digits: 0)
    private var remaining = 0
    private var total = 0
    private var lineByteCount = 0
    private var trailerByteCount = 0
    private var trailerLine: [UInt8] = []

    mutating func next(
        _ input: UnsafeRawBufferPointer, from position: inout Int, _ limits: MessageLimits
    ) throws(RequestError) -> Event {
        while position < input.count {
            if case .data = phase { return .data(takeData(input, &position)) }
            let byte = input[position]
            position += 1
            if try step(byte, limits) { return .end }
        }
        return .needsMore
    }

    private mutating func takeData(
        _ input: UnsafeRawBufferPointer, _ position: inout Int
    ) -> Range<Int> {
        let count = min(remaining, input.count - position)
        defer { position += count }
        remaining -= count
        if remaining == 0 { phase = .dataReturn }
        return position..<position + count
    }

    /// Takes a byte that is not data; true after the last one of the body.
    private mutating func step(
        _ byte: UInt8, _ limits: MessageLimits
    ) throws(RequestError) -> Bool {
        switch phase {
        case .size(let digits): try readSize(byte, digits, limits)
        case .extensions: try readExtension(byte, limits)
        case .sizeLineFeed:
            try expect(byte, Octet.lineFeed)
            phase = remaining == 0 ? .trailer : .data
        case .data: preconditionFailure("data is taken in pieces")
        case .dataReturn:
            try expect(byte, Octet.carriageReturn)
            phase = .dataLineFeed
        case .dataLineFeed:
            try expect(byte, Octet.lineFeed)
            phase = .size(digits: 0)
            lineByteCount = 0
        case .trailer: return try readTrailer(byte, limits)
        }
        return false
    }

    private func expect(_ byte: UInt8, _ expected: UInt8) throws(RequestError) {
        guard byte == expected else { throw .malformed("a chunk does not end where it should") }
    }

    private mutating func readSize(
        _ byte: UInt8, _ digits: Int, _ limits: MessageLimits
    ) throws(RequestError) {
        if let value = Octet.hexValue(byte) {
            // RFC 9112, 7.1: sizes that overflow are to be expected. 15 digits fit.
            guard digits < 15 else { throw .malformed("a chunk size has too many digits") }
            remaining = (digits == 0 ? 0 : remaining) << 4 | value
            phase = .size(digits: digits + 1)
            return
        }
        guard digits > 0 else { throw .malformed("a chunk has no size") }
        guard remaining <= limits.bodyByteCountMax - total else { throw .bodyTooLarge }
        total += remaining
        switch byte {
        case Octet.carriageReturn: phase = .sizeLineFeed
        case Octet.semicolon: phase = .extensions
        default: throw .malformed("a chunk size is followed by something else")
        }
    }

    /// RFC 9112, 7.1.1: extensions that are not understood are ignored, within a limit.
    private mutating func readExtension(
        _ byte: UInt8, _ limits: MessageLimits
    ) throws(RequestError) {
        lineByteCount += 1
        guard lineByteCount <= limits.chunkLineByteCountMax else {
            throw .malformed("a chunk's extensions are too long")
        }
        if byte == Octet.carriageReturn {
            phase = .sizeLineFeed
        } else if (byte < 32 && byte != Octet.tab) || byte == 127 {
            throw .malformed("a chunk's extensions hold a control character")
        }
    }

    /// RFC 9112, 7.1.2: trailer fields are checked like header fields, and dropped.
    private mutating func readTrailer(
        _ byte: UInt8, _ limits: MessageLimits
    ) throws(RequestError) -> Bool {
        trailerByteCount += 1
        guard trailerByteCount <= limits.trailerByteCountMax else {
            throw RequestError(.headerFieldsTooLarge, "the trailer fields are too large")
        }
        trailerLine.append(byte)
        guard byte == Octet.lineFeed else { return false }
        guard trailerLine.count >= 2, trailerLine[trailerLine.count - 2] == Octet.carriageReturn
        else { throw .malformed("a line ends without CR") }
        guard trailerLine.count > 2 else { return true }
        try trailerLine.withUnsafeBufferPointer { line throws(RequestError) in
            _ = try HeadParser.field(UnsafeRawBufferPointer(line), 0..<line.count - 2)
        }
        trailerLine.removeAll(keepingCapacity: true)
        return false
    }
}
