// Objects that differ in a number and are all equally long.

import Buffers

/// The JSON of an object with gaps for its number: `%8%` becomes the number with 8 digits, and
/// `%3/100%` the hundredth part of it with 3.
struct ObjectTemplate {
    private enum Part {
        case literal(Bytes)
        case number(digitCount: Int, divisor: Int)
    }

    private let parts: [Part]
    let byteCount: Int

    init(_ text: String) {
        let pieces = text.split(separator: "%", omittingEmptySubsequences: false)
        parts = pieces.enumerated().map { index, piece in
            if index.isMultiple(of: 2) { return .literal(Bytes(String(piece))) }
            let numbers = piece.split(separator: "/").compactMap { Int($0) }
            precondition(!numbers.isEmpty, "no gap: %\(piece)%")
            return .number(digitCount: numbers[0], divisor: numbers.count > 1 ? numbers[1] : 1)
        }
        byteCount = parts.reduce(0) { count, part in
            switch part {
            case .literal(let bytes): count + bytes.count
            case .number(let digitCount, _): count + digitCount
            }
        }
    }

    func write(_ number: Int, into buffer: inout ByteBuffer) {
        for part in parts {
            switch part {
            case .literal(let bytes): buffer.append(bytes)
            case .number(let digitCount, let divisor):
                buffer.append(utf8: padded(number / divisor, digitCount))
            }
        }
    }

    /// A PUT of object `number` that says with `turn` that it is another state than the last one:
    /// what changes nothing makes no event.
    func replacement(_ number: Int, turn: Int, at path: String) -> Request {
        let body = bytes(number)
        var changed = ByteBuffer(reserving: byteCount + 16)
        changed.append(body[0..<body.count - 2])
        changed.append(utf8: #","turn":"\#(padded(turn, 10))"}}"#)
        return Request(
            method: "PUT", path: path, fields: "Content-Type: application/json\r\n",
            body: changed.freeze())
    }

    func bytes(_ number: Int) -> Bytes {
        var buffer = ByteBuffer(reserving: byteCount)
        write(number, into: &buffer)
        return buffer.freeze()
    }
}

/// `number` with leading zeros.
func padded(_ number: Int, _ digitCount: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(digitCount - digits.count, 0)) + digits
}

/// Text that a compressor finds about as hard as hexadecimal digests; the same on every run.
func filler(_ byteCount: Int) -> String {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    var text = ""
    while text.utf8.count < byteCount {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        text += String(state, radix: 16)
    }
    return String(text.prefix(byteCount))
}
