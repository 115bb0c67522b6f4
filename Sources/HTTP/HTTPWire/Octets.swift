// Classes of bytes, and comparisons of bytes with literals.

import Buffers
import Glibc

/// Bytes with a meaning in HTTP.
enum Octet {
    static let tab: UInt8 = 9
    static let lineFeed: UInt8 = 10
    static let carriageReturn: UInt8 = 13
    static let space: UInt8 = 32
    static let colon: UInt8 = 58
    static let semicolon: UInt8 = 59
    static let slash: UInt8 = 47
    static let question: UInt8 = 63

    /// Letters, digits and ``!#$%&'*+-.^_`|~`` (RFC 9110, 5.6.2), a bit for each of 128.
    private static let tokenLow: UInt64 = 0x03FF_6CFA_0000_0000
    private static let tokenHigh: UInt64 = 0x57FF_FFFF_C7FF_FFFE

    @inline(__always)
    static func isTokenByte(_ byte: UInt8) -> Bool {
        let word = byte < 64 ? tokenLow : (byte < 128 ? tokenHigh : 0)
        return word >> (UInt64(byte) & 63) & 1 == 1
    }

    /// The value of a hexadecimal digit.
    @inline(__always)
    static func hexValue(_ byte: UInt8) -> Int? {
        switch byte {
        case 48...57: Int(byte) - 48
        case 65...70: Int(byte) - 55
        case 97...102: Int(byte) - 87
        default: nil
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Whether these are the bytes of `literal`.
    @inline(__always)
    func equals(_ literal: StaticString) -> Bool {
        count == literal.utf8CodeUnitCount
            && (count == 0 || memcmp(baseAddress!, literal.utf8Start, count) == 0)
    }

    /// Whether these are the bytes of `literal`, which is in lower case, whatever case these have.
    func equalsIgnoringCase(_ literal: StaticString) -> Bool {
        guard count == literal.utf8CodeUnitCount else { return false }
        let other = literal.utf8Start
        for index in 0..<count {
            let byte = self[index]
            let lower = byte &- 65 < 26 ? byte | 0x20 : byte
            if lower != other[index] { return false }
        }
        return true
    }

    /// Whether all of it is a token (RFC 9110, 5.6.2).
    var isToken: Bool {
        guard count > 0 else { return false }
        for byte in self where !Octet.isTokenByte(byte) { return false }
        return true
    }

    /// Whether it holds no control character but the tab (RFC 9110, 5.5).
    var isFieldContent: Bool {
        // Without branches, so that the compiler looks at many bytes at once.
        var found: UInt8 = 0
        let bytes = UnsafeBufferPointer(
            start: baseAddress?.assumingMemoryBound(to: UInt8.self), count: count)
        for byte in bytes {
            let isControl: UInt8 = byte < 32 ? 1 : 0
            let isTab: UInt8 = byte == Octet.tab ? 1 : 0
            let isDelete: UInt8 = byte == 127 ? 1 : 0
            found |= (isControl & ~isTab) | isDelete
        }
        return found == 0
    }

    /// Where `byte` stands first at or after `start`.
    @inline(__always)
    func position(of byte: UInt8, from start: Int) -> Int? {
        guard start < count, let base = baseAddress else { return nil }
        guard let found = memchr(base + start, CInt(byte), count - start) else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// A part of it.
    @inline(__always)
    func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[range])
    }

    /// The part of `range` without white space at either end (OWS: RFC 9110, 5.6.3).
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        while lower < upper, self[lower] == Octet.space || self[lower] == Octet.tab { lower += 1 }
        while upper > lower, self[upper - 1] == Octet.space || self[upper - 1] == Octet.tab {
            upper -= 1
        }
        return lower..<upper
    }
}
