// Looks for the end of a head in bytes that arrive in pieces.

/// How far a head has been looked through. Offsets count from the first byte of the message.
struct HeadScan: Sendable {
    /// The first byte of the request line: an empty line may precede it.
    private(set) var start = 0
    private(set) var lineCount = 0
    private var position = 0
    private var lineStart = 0

    /// What may stand in the request line beside the target.
    private static let methodAndVersionByteCountMax = 64

    /// Returns where the head ends, nil while it does not.
    /// - Parameter head: everything of the message up to now.
    mutating func advance(
        _ head: UnsafeRawBufferPointer, _ limits: MessageLimits
    ) throws(RequestError) -> Int? {
        while let lineFeed = head.position(of: Octet.lineFeed, from: position) {
            try check(limits, end: lineFeed + 1)
            // RFC 9112, 2.2: a bare LF may be refused as the end of a line, and is.
            guard lineFeed > lineStart, head[lineFeed - 1] == Octet.carriageReturn else {
                throw .malformed("a line ends without CR")
            }
            let isEmpty = lineFeed - 1 == lineStart
            position = lineFeed + 1
            lineStart = position
            if !isEmpty {
                lineCount += 1
            } else if lineCount > 0 {
                lineCount += 1
                return position
            } else {
                try skipEmptyLine()
            }
        }
        position = head.count
        try check(limits, end: head.count)
        return nil
    }

    /// RFC 9112, 2.2: at least one empty line before the request line is ignored.
    private mutating func skipEmptyLine() throws(RequestError) {
        guard start == 0 else { throw .malformed("empty lines before the request line") }
        start = lineStart
    }

    private func check(_ limits: MessageLimits, end: Int) throws(RequestError) {
        // RFC 9112, 3: 414 for a request line that is too long.
        let lineMax = limits.targetByteCountMax + Self.methodAndVersionByteCountMax
        if lineCount == 0, end - start > lineMax { throw .targetTooLong }
        // RFC 6585, 5.
        if end - start > limits.headByteCountMax {
            throw RequestError(.headerFieldsTooLarge, "the header fields are too large")
        }
    }
}

extension RequestError {
    static let targetTooLong = RequestError(.uriTooLong, "the target is too long")
    static let bodyTooLarge = RequestError(.contentTooLarge, "the body is too large")
}
