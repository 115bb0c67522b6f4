import Buffers

#if canImport(Glibc)
    import Glibc
#endif

/// The segments of a request path, one after the other, without copying. Segments are
/// percent-decoded (RFC 3986 section 2.1) only when they hold a `%`.
struct PathSegments {
    private var rest: Bytes

    /// - Parameter path: begins with `/`; a trailing `/` adds no segment.
    init(_ path: Bytes) {
        rest = path
        skipSlash()
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// What follows, up to the next `/`; `nil` at the end.
    /// - Precondition: the path has no malformed escape.
    mutating func next() -> Bytes? {
        guard !rest.isEmpty else { return nil }
        let length = rest.withUnsafeBytes { bytes in
            guard let found = memchr(bytes.baseAddress!, 0x2f, bytes.count) else {
                return bytes.count
            }
            return UnsafeRawPointer(found) - bytes.baseAddress!
        }
        let segment = rest[0..<length]
        rest = rest.dropFirst(length)
        skipSlash()
        return Self.decoded(segment)
    }

    /// Everything that follows, joined as it stands.
    var remainder: Bytes { rest }

    /// The first `%` that is no escape, with what stands in the place of its digits (RFC 3986
    /// section 2.1).
    static func malformedEscape(in path: Bytes) -> String? {
        path.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress, memchr(start, 0x25, bytes.count) != nil else {
                return nil
            }
            for index in bytes.indices where bytes[index] == 0x25 {
                let digits = bytes[(index + 1)...].prefix(2)
                guard digits.count == 2, digits.allSatisfy({ hexDigit($0) != nil }) else {
                    return String(decoding: bytes[index...].prefix(3), as: UTF8.self)
                }
            }
            return nil
        }
    }

    private mutating func skipSlash() {
        if !rest.isEmpty, rest[0] == 0x2f { rest = rest.dropFirst(1) }
    }

    /// `segment` without its escapes; `nil` when one of them is malformed.
    static func decoded(_ segment: Bytes) -> Bytes? {
        segment.withUnsafeBytes { bytes in
            guard !bytes.isEmpty, memchr(bytes.baseAddress!, 0x25, bytes.count) != nil else {
                return segment
            }
            var buffer = ByteBuffer(reserving: bytes.count)
            var index = 0
            while index < bytes.count {
                if bytes[index] != 0x25 {
                    buffer.append(bytes[index])
                    index += 1
                    continue
                }
                guard index + 2 < bytes.count, let high = hexDigit(bytes[index + 1]),
                    let low = hexDigit(bytes[index + 2])
                else { return nil }
                buffer.append(high << 4 | low)
                index += 3
            }
            return buffer.freeze()
        }
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
