import Buffers

/// Writes compact JSON through a block of memory, so that the buffer is called once per block.
struct Writer {
    private static let blockByteCount = 4096
    /// Room that is left at the end of a block before anything short is written: a number, a
    /// literal, an escape or punctuation.
    private static let shortByteCountMax = 32

    private let base: UnsafeMutablePointer<UInt8>
    private var used = 0

    static func write(_ value: JSONValue, into buffer: inout ByteBuffer) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: blockByteCount) { block in
            var writer = Writer(base: block.baseAddress.unsafelyUnwrapped)
            withUnsafePointer(to: value) { writer.append($0, &buffer) }
            writer.flush(&buffer)
        }
        withExtendedLifetime(value) {}
    }

    static func write(_ string: String, into buffer: inout ByteBuffer) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: blockByteCount) { block in
            var writer = Writer(base: block.baseAddress.unsafelyUnwrapped)
            writer.append(BorrowedString(string), &buffer)
            writer.flush(&buffer)
        }
        withExtendedLifetime(string) {}
    }

    static func write(_ string: String, after prefix: StaticString, into buffer: inout ByteBuffer) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: blockByteCount) { block in
            var writer = Writer(base: block.baseAddress.unsafelyUnwrapped)
            writer.append(BorrowedString(string), after: prefix, &buffer)
            writer.flush(&buffer)
        }
        withExtendedLifetime(string) {}
    }

    private init(base: UnsafeMutablePointer<UInt8>) { self.base = base }

    // MARK: Values

    private mutating func append(
        _ pointer: UnsafePointer<JSONValue>, _ buffer: inout ByteBuffer
    ) {
        switch BorrowedValue(pointer) {
        case .string(let string): append(string, &buffer)
        case .object(let members): append(members, &buffer)
        case .array(let elements): append(elements, &buffer)
        case .int(let int): append(int, &buffer)
        case .number(let number): append(run: Array(number.lexeme.utf8), &buffer)
        case .bool(true): append(literal: "true", &buffer)
        case .bool(false): append(literal: "false", &buffer)
        case .null: append(literal: "null", &buffer)
        }
    }

    private mutating func append(
        _ members: UnsafeBufferPointer<JSONObject.Member>, _ buffer: inout ByteBuffer
    ) {
        var mark = UInt8(ascii: "{")
        for index in members.indices {
            let member = members.baseAddress.unsafelyUnwrapped + index
            put(mark, &buffer)
            append(BorrowedString(member.pointee.key), &buffer)
            put(UInt8(ascii: ":"), &buffer)
            append(JSONObject.Member.value(of: member), &buffer)
            mark = UInt8(ascii: ",")
        }
        if mark == UInt8(ascii: "{") { put(mark, &buffer) }
        put(UInt8(ascii: "}"), &buffer)
    }

    private mutating func append(
        _ elements: UnsafeBufferPointer<JSONValue>, _ buffer: inout ByteBuffer
    ) {
        put(UInt8(ascii: "["), &buffer)
        for index in elements.indices {
            if index > 0 { put(UInt8(ascii: ","), &buffer) }
            append(elements.baseAddress.unsafelyUnwrapped + index, &buffer)
        }
        put(UInt8(ascii: "]"), &buffer)
    }

    private mutating func append(_ int: Int64, _ buffer: inout ByteBuffer) {
        reserveShort(&buffer)
        if int < 0 {
            base[used] = UInt8(ascii: "-")
            used &+= 1
        }
        var digits = int.magnitude
        var length = 1
        var bound: UInt64 = 10
        while length < 19, digits >= bound {
            length &+= 1
            bound &*= 10
        }
        for index in stride(from: used &+ length &- 1, through: used, by: -1) {
            base[index] = UInt8(truncatingIfNeeded: digits % 10) &+ 0x30
            digits /= 10
        }
        used &+= length
    }

    private mutating func append(literal: StaticString, _ buffer: inout ByteBuffer) {
        reserveShort(&buffer)
        let count = literal.utf8CodeUnitCount
        (base + used).update(from: literal.utf8Start, count: count)
        used &+= count
    }

    // MARK: Strings

    /// - Precondition: nothing in `prefix` needs to be escaped, and it is short.
    private mutating func append(
        _ string: BorrowedString, after prefix: StaticString, _ buffer: inout ByteBuffer
    ) {
        put(UInt8(ascii: "\""), &buffer)
        append(literal: prefix, &buffer)
        append(inside: string, &buffer)
        put(UInt8(ascii: "\""), &buffer)
    }

    @inline(__always)
    private mutating func append(_ string: BorrowedString, _ buffer: inout ByteBuffer) {
        reserveShort(&buffer)
        base[used] = UInt8(ascii: "\"")
        used &+= 1
        append(inside: string, &buffer)
        put(UInt8(ascii: "\""), &buffer)
    }

    /// - Precondition: there is room for something short.
    @inline(__always)
    private mutating func append(inside string: BorrowedString, _ buffer: inout ByteBuffer) {
        switch string {
        case .short(let low, let high, let count): append(low, high, count, &buffer)
        case .long(let bytes): append(contentsOf: bytes, &buffer)
        case .scattered(let string):
            Array(string.utf8).withUnsafeBufferPointer { append(contentsOf: $0, &buffer) }
        }
    }

    /// Appends the inside of a string of at most 16 bytes.
    /// - Precondition: there is room for something short.
    @inline(__always)
    private mutating func append(
        _ low: UInt64, _ high: UInt64, _ count: Int, _ buffer: inout ByteBuffer
    ) {
        guard StringScan.specials(in: low) | StringScan.specials(in: high) == 0 else {
            return append(special: (low.littleEndian, high.littleEndian), count, &buffer)
        }
        let target = UnsafeMutableRawPointer(base + used)
        target.storeBytes(of: low.littleEndian, as: UInt64.self)
        target.storeBytes(of: high.littleEndian, toByteOffset: 8, as: UInt64.self)
        used &+= count
    }

    @inline(never)
    private mutating func append(
        special words: (UInt64, UInt64), _ count: Int, _ buffer: inout ByteBuffer
    ) {
        withUnsafeBytes(of: words) { bytes in
            let bytes = UnsafeRawBufferPointer(rebasing: bytes[..<count])
            append(bytes.assumingMemoryBound(to: UInt8.self), from: 0, &buffer)
        }
    }

    /// Appends the inside of a string: a plain beginning sixteen bytes at a time, then the rest.
    @inline(__always)
    private mutating func append(
        contentsOf bytes: UnsafeBufferPointer<UInt8>, _ buffer: inout ByteBuffer
    ) {
        guard let source = bytes.baseAddress else { return }
        let count = bytes.count
        guard count >= BorrowedString.shortCountMax, count &+ used < Writer.blockByteCount else {
            return append(bytes, from: 0, &buffer)
        }
        let target = UnsafeMutableRawPointer(base + used)
        var position = 0
        while true {
            let low = StringScan.load(source + position)
            let high = StringScan.load(source + (position &+ 8))
            if StringScan.specials(in: low) | StringScan.specials(in: high) != 0 { break }
            target.storeBytes(of: low.littleEndian, toByteOffset: position, as: UInt64.self)
            target.storeBytes(of: high.littleEndian, toByteOffset: position &+ 8, as: UInt64.self)
            position &+= 16
            if position == count { break }
            // The last step takes some bytes a second time, so that it is a whole one.
            position = min(position, count &- 16)
        }
        used &+= position
        if position < count { append(bytes, from: position, &buffer) }
    }

    /// Appends the inside of a string from `start` on: plain runs, and escapes between them.
    @inline(never)
    private mutating func append(
        _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, _ buffer: inout ByteBuffer
    ) {
        let source = bytes.baseAddress.unsafelyUnwrapped
        var start = start
        while true {
            var isASCII = true
            let stop = StringScan.firstSpecial(
                source, from: start, to: bytes.count, isASCII: &isASCII)
            append(run: UnsafeBufferPointer(start: source + start, count: stop &- start), &buffer)
            if stop == bytes.count { return }
            escape(source[stop], &buffer)
            start = stop &+ 1
        }
    }

    private mutating func append(run: [UInt8], _ buffer: inout ByteBuffer) {
        run.withUnsafeBufferPointer { append(run: $0, &buffer) }
    }

    @inline(__always)
    private mutating func append(
        run: UnsafeBufferPointer<UInt8>, _ buffer: inout ByteBuffer
    ) {
        guard let source = run.baseAddress else { return }
        if used &+ run.count > Writer.blockByteCount {
            flush(&buffer)
            if run.count > Writer.blockByteCount {
                return buffer.append(UnsafeRawBufferPointer(run))
            }
        }
        (base + used).update(from: source, count: run.count)
        used &+= run.count
    }

    @inline(never)
    private mutating func escape(_ byte: UInt8, _ buffer: inout ByteBuffer) {
        switch byte {
        case UInt8(ascii: "\""): append(literal: "\\\"", &buffer)
        case UInt8(ascii: "\\"): append(literal: "\\\\", &buffer)
        case 0x08: append(literal: "\\b", &buffer)
        case 0x09: append(literal: "\\t", &buffer)
        case 0x0A: append(literal: "\\n", &buffer)
        case 0x0C: append(literal: "\\f", &buffer)
        case 0x0D: append(literal: "\\r", &buffer)
        default:
            append(literal: byte < 0x10 ? "\\u000" : "\\u001", &buffer)
            put(byte & 15 < 10 ? 0x30 + byte & 15 : 0x57 + byte & 15, &buffer)
        }
    }

    // MARK: The block

    @inline(__always)
    private mutating func put(_ byte: UInt8, _ buffer: inout ByteBuffer) {
        if used == Writer.blockByteCount { flush(&buffer) }
        base[used] = byte
        used &+= 1
    }

    @inline(__always)
    private mutating func reserveShort(_ buffer: inout ByteBuffer) {
        if used &+ Writer.shortByteCountMax > Writer.blockByteCount { flush(&buffer) }
    }

    @inline(never)
    private mutating func flush(_ buffer: inout ByteBuffer) {
        buffer.append(UnsafeRawBufferPointer(start: base, count: used))
        used = 0
    }
}
