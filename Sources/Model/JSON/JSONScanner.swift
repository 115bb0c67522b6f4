/// Walks JSON without building values. It is meant for documents that are known to be valid: on
/// others it may accept what a parser refuses, but it never reads outside the bytes.
///
/// After `next(…)` returned a member or an element, its value must be taken: by `skipValue()`, or
/// by entering it and walking to its end.
public struct JSONScanner {
    public enum Kind: Hashable, Sendable {
        case object, array, string, number, bool, null
        /// The bytes end, or something stands here that begins no value.
        case nothing
    }

    private let base: UnsafePointer<UInt8>
    private let end: Int
    /// Bytes before the next one to be read.
    public private(set) var position: Int

    /// - Precondition: `bytes` stay in place while the scanner is used.
    public init(_ bytes: UnsafeRawBufferPointer) {
        end = bytes.count
        base =
            bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            ?? UnsafePointer(bitPattern: 1).unsafelyUnwrapped
        position = 0
    }

    /// What kind of value comes next.
    public mutating func kind() -> Kind {
        switch peek() {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "-"), 0x30...0x39: .number
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
        case UInt8(ascii: "n"): .null
        default: .nothing
        }
    }

    /// Steps into an object; false, and nothing is read, when none comes next.
    public mutating func enterObject() -> Bool { enter(UInt8(ascii: "{")) }

    /// Steps into an array; false, and nothing is read, when none comes next.
    public mutating func enterArray() -> Bool { enter(UInt8(ascii: "[")) }

    /// The bytes of the next member's name, between the quotation marks and with its escapes; `nil`
    /// when the object has ended, which is then behind. The member's value comes next.
    @inline(__always)
    public mutating func nextMember() -> Range<Int>? {
        if peek() == UInt8(ascii: ",") { position &+= 1 }
        guard peek() == UInt8(ascii: "\"") else {
            leave(UInt8(ascii: "}"))
            return nil
        }
        let start = position &+ 1
        skipString()
        let stop = max(start, position &- 1)
        if peek() == UInt8(ascii: ":") { position &+= 1 }
        return start..<stop
    }

    /// Whether the array has another element, which then comes next; if not, the array is behind.
    public mutating func nextElement() -> Bool {
        if peek() == UInt8(ascii: ",") { position &+= 1 }
        if kind() != .nothing { return true }
        leave(UInt8(ascii: "]"))
        return false
    }

    /// Steps over the next value and returns where it is, quotation marks and brackets included.
    @discardableResult
    public mutating func skipValue() -> Range<Int> {
        let byte = peek()
        let start = position
        switch byte {
        case UInt8(ascii: "\""): skipString()
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            position &+= 1
            skipToEnd(depth: 1)
        default: skipPlain()
        }
        return start..<position
    }

    /// Steps out of `depth` objects and arrays, over what is left in them.
    public mutating func skipToEnd(depth: Int) {
        position = ContainerScan.end(base, from: position, to: end, depth: depth)
    }

    /// Whether the bytes at `range` are those of `names` from `start` on.
    @inline(__always)
    func matches(_ range: Range<Int>, _ names: [UInt8], from start: Int) -> Bool {
        var index = 0
        while index < range.count {
            if base[range.lowerBound &+ index] != names[start &+ index] { return false }
            index &+= 1
        }
        return true
    }

    /// The next byte that is not white space or a control character; 0 at the end.
    @inline(__always)
    private mutating func peek() -> UInt8 {
        while position < end {
            let byte = base[position]
            if byte > 0x20 { return byte }
            position &+= 1
        }
        return 0
    }

    private mutating func enter(_ bracket: UInt8) -> Bool {
        guard peek() == bracket else { return false }
        position &+= 1
        return true
    }

    /// Steps over the closing bracket; over all the rest when something else stands there, so that
    /// a walk over invalid bytes ends.
    private mutating func leave(_ bracket: UInt8) {
        position = peek() == bracket ? position &+ 1 : end
    }

    @inline(__always)
    private mutating func skipString() {
        position = ContainerScan.stringEnd(base, from: position &+ 1, to: end)
    }

    /// Steps over a number or a literal, at least one byte unless at the end.
    private mutating func skipPlain() {
        let start = position
        while position < end {
            switch base[position] {
            case 0...0x20, UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"),
                UInt8(ascii: ":"):
                if position == start { position &+= 1 }
                return
            default: position &+= 1
            }
        }
    }
}
