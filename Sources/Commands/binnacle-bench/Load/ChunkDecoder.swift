// The chunked transfer coding as a client reads it.

import Glibc

/// Takes the framing off a chunked body (RFC 9112, 7.1), wherever the reads happened to end.
struct ChunkDecoder {
    private enum Phase {
        case size
        case payload
        case payloadEnd
        case trailer
        case finished
    }

    private var phase = Phase.size
    /// The size read so far, or the bytes of the chunk that are still to come.
    private var left = 0
    private var lineByteCount = 0
    private var isInExtension = false

    var isFinished: Bool { phase == .finished }

    /// Decodes `input` up to the end of the body, and hands each run of payload to `payload`.
    /// Returns how many bytes belonged to the body.
    /// - Throws: when the framing is broken.
    mutating func decode(
        _ input: UnsafeRawBufferPointer,
        _ payload: (UnsafeRawBufferPointer) throws(BenchFailure) -> Void
    ) throws(BenchFailure) -> Int {
        var position = 0
        while position < input.count, phase != .finished {
            guard phase == .payload else {
                try step(input[position])
                position += 1
                continue
            }
            let end = min(position + left, input.count)
            try payload(UnsafeRawBufferPointer(rebasing: input[position..<end]))
            left -= end - position
            position = end
            if left == 0 { phase = .payloadEnd }
        }
        return position
    }

    private mutating func step(_ byte: UInt8) throws(BenchFailure) {
        switch phase {
        case .size:
            if byte == UInt8(ascii: "\n") { return endSizeLine() }
            try sizeByte(byte)
        case .payloadEnd:
            if byte == UInt8(ascii: "\n") {
                phase = .size
            } else if byte != UInt8(ascii: "\r") {
                throw BenchFailure("a chunk is longer than its size")
            }
        case .trailer:
            if byte == UInt8(ascii: "\n") {
                if lineByteCount == 0 { phase = .finished }
                lineByteCount = 0
            } else if byte != UInt8(ascii: "\r") {
                lineByteCount += 1
            }
        case .payload, .finished:
            preconditionFailure("not a byte of framing")
        }
    }

    private mutating func sizeByte(_ byte: UInt8) throws(BenchFailure) {
        if byte == UInt8(ascii: ";") { isInExtension = true }
        if isInExtension || byte == UInt8(ascii: "\r") { return }
        guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, left < 1 << 40 else {
            throw BenchFailure("a chunk size holds the byte \(byte)")
        }
        left = left * 16 + digit
    }

    private mutating func endSizeLine() {
        isInExtension = false
        phase = left == 0 ? .trailer : .payload
    }
}
