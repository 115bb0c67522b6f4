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
            writer.append(value, &buffer)
            writer.flush(&buffer)
        }
    }

    static func write(_ string: String, into buffer: inout ByteBuffer) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: blockByteCount) { block in
            var writer = Writer(base: block.baseAddress.unsafelyUnwrapped)
            writer.append(string, &buffer)
            writer.flush(&buffer)
        }
    }

    static func write(_ string: String, after prefix: StaticString, into buffer: inout ByteBuffer) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: blockByteCount) { block in
            var writer = Writer(base: block.baseAddress.unsafelyUnwrapped)
            writer.append(string, after: prefix, &buffer)
            writer.flush(&buffer)
        }
    }

    private init(base: UnsafeMutablePointer<UInt8>) { self.base = base }

    // MARK: Values

    private mutating func append(_ value: JSONValue, _ buffer: inout ByteBuffer) {
        switch value {
        case .string(let string): append(string, &buffer)
        case .object(let object): append(object, &buffer)
        case .array(let array): append(array, &buffer)
        case .number(let number): append(number, &buffer)
        case .bool(true): append(literal: "true", &buffer)
        case .bool(false): append(literal: "false", &buffer)
        case .null: append(literal: "null", &buffer)
        }
    }

    private mutating func append(_ object: JSONObject, _ buffer: inout ByteBuffer) {
        var mark = UInt8(ascii: "{")
        object.members.withUnsafeBufferPointer { members in
            for index in members.indices {
                put(mark, &buffer)
                append(members[index].key, &buffer)
                put(UInt8(ascii: ":"), &buffer)
                append(members[index].value, &buffer)
                mark = UInt8(ascii: ",")
            }
        }
        if mark == UInt8(ascii: "{") { put(mark, &buffer) }
        put(UInt8(ascii: "}"), &buffer)
    }

    private mutating func append(_ array: [JSONValue], _ buffer: inout ByteBuffer) {
        put(UInt8(ascii: "["), &buffer)
        array.withUnsafeBufferPointer { elements in
            for index in elements.indices {
                if index > 0 { put(UInt8(ascii: ","), &buffer) }
                append(elements[index], &buffer)
            }
        }
        put(UInt8(ascii: "]"), &buffer)
    }

    private mutating func append(_ number: JSONNumber, _ buffer: inout ByteBuffer) {
        guard case .int(let int) = number.storage else {
            return append(run: Array(number.lexeme.utf8), &buffer)
        }
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

    /// - Precondition: nothing in `prefix` needs to be escaped.
    private mutating func append(
        _ string: String, after prefix: StaticString, _ buffer: inout ByteBuffer
    ) {
        put(UInt8(ascii: "\""), &buffer)
        append(literal: prefix, &buffer)
        append(inside: string, &buffer)
        put(UInt8(ascii: "\""), &buffer)
    }

    private mutating func append(_ string: String, _ buffer: inout ByteBuffer) {
        put(UInt8(ascii: "\""), &buffer)
        append(inside: string, &buffer)
        put(UInt8(ascii: "\""), &buffer)
    }

    @inline(__always)
    private mutating func append(inside string: String, _ buffer: inout ByteBuffer) {
        let isDone: Void? = string.utf8.withContiguousStorageIfAvailable { bytes in
            append(contentsOf: bytes, &buffer)
        }
        if isDone == nil {
            Array(string.utf8).withUnsafeBufferPointer { append(contentsOf: $0, &buffer) }
        }
    }

    /// Appends the inside of a string: a plain beginning eight bytes at a time, then the rest.
    @inline(__always)
    private mutating func append(
        contentsOf bytes: UnsafeBufferPointer<UInt8>, _ buffer: inout ByteBuffer
    ) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        let count = bytes.count
        if used &+ count &+ 8 > Writer.blockByteCount {
            flush(&buffer)
            if count &+ 8 > Writer.blockByteCount { return append(bytes, from: 0, &buffer) }
        }
        let target = UnsafeMutableRawPointer(base + used)
        var position = 0
        while position < count {
            let left = count &- position
            let word =
                left >= 8
                ? StringScan.load(source + position)
                : StringScan.load(source + position, count: left)
            if StringScan.specials(in: word) != 0 { break }
            target.storeBytes(of: word.littleEndian, toByteOffset: position, as: UInt64.self)
            position &+= 8
        }
        used &+= min(position, count)
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
