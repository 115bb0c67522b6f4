// Bytes that grow, and then become immutable without a copy.

#if canImport(Glibc)
    import Glibc
#endif

/// A growable run of bytes with one owner. `freeze()` turns it into `Bytes` without a copy.
public struct ByteBuffer: ~Copyable, @unchecked Sendable {
    // Reason: not copyable, so the storage has one writer.
    @usableFromInline var storage: ByteStorage
    @usableFromInline var capacity: Int
    public private(set) var count = 0

    /// An empty buffer with room for `byteCount` bytes.
    public init(reserving byteCount: Int = 256) {
        storage = ByteStorage.allocate(byteCount: max(byteCount, 16))
        capacity = max(byteCount, 16)
    }

    public var isEmpty: Bool { count == 0 }

    /// Makes room for `byteCount` more bytes.
    public mutating func reserve(_ byteCount: Int) {
        guard count + byteCount > capacity else { return }
        let larger = max(count + byteCount, capacity * 2)
        let replacement = ByteStorage.allocate(byteCount: larger)
        memcpy(replacement.base, storage.base, count)
        storage = replacement
        capacity = larger
    }

    public mutating func append(_ byte: UInt8) {
        if count == capacity { reserve(1) }
        storage.base[count] = byte
        count += 1
    }

    public mutating func append(_ buffer: UnsafeRawBufferPointer) {
        guard let source = buffer.baseAddress, buffer.count > 0 else { return }
        reserve(buffer.count)
        memcpy(storage.base + count, source, buffer.count)
        count += buffer.count
    }

    public mutating func append(_ bytes: Bytes) {
        reserve(bytes.count)
        bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            memcpy(storage.base + count, start, source.count)
        }
        count += bytes.count
    }

    /// Appends the UTF-8 of a literal.
    public mutating func append(literal: StaticString) {
        append(UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// Appends the UTF-8 of `string`.
    public mutating func append(utf8 string: String) {
        var string = string
        string.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Appends `number` in decimal.
    public mutating func append(decimal number: some BinaryInteger) {
        append(magnitude: UInt64(number.magnitude), isNegative: number < 0)
    }

    private mutating func append(magnitude: UInt64, isNegative: Bool) {
        reserve(20)
        var digits = magnitude
        var length = isNegative ? 1 : 0
        repeat {
            length += 1
            digits /= 10
        } while digits > 0
        var position = count + length
        count = position
        digits = magnitude
        repeat {
            position -= 1
            storage.base[position] = UInt8(truncatingIfNeeded: digits % 10) + 48
            digits /= 10
        } while digits > 0
        if isNegative { storage.base[position - 1] = 45 }
    }

    /// Lets `fill` write up to `byteCount` bytes at the end; it returns how many it wrote.
    public mutating func appendUninitialized<Failure: Error>(
        _ byteCount: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) -> Int {
        reserve(byteCount)
        let room = UnsafeMutableRawBufferPointer(start: storage.base + count, count: byteCount)
        let written = try fill(room)
        precondition(written >= 0 && written <= byteCount, "wrote \(written) of \(byteCount)")
        count += written
        return written
    }

    /// Forgets all but the first `kept` bytes.
    public mutating func truncate(to kept: Int) {
        precondition(kept <= count, "\(kept) of \(count)")
        count = kept
    }

    /// Forgets the first `dropped` bytes and moves the rest to the front.
    public mutating func removeFirst(_ dropped: Int) {
        precondition(dropped <= count, "\(dropped) of \(count)")
        memmove(storage.base, storage.base + dropped, count - dropped)
        count -= dropped
    }

    public subscript(index: Int) -> UInt8 {
        get {
            precondition(index >= 0 && index < count, "byte \(index) of \(count)")
            return storage.base[index]
        }
        set {
            precondition(index >= 0 && index < count, "byte \(index) of \(count)")
            storage.base[index] = newValue
        }
    }

    public borrowing func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: storage.base, count: count))
    }

    /// A copy of what is here now.
    public borrowing func copy() -> Bytes { withUnsafeBytes { Bytes(copying: $0) } }

    /// The bytes, immutable from now on; the memory is handed over, not copied. When more than a
    /// quarter of the memory would lie unused, it is copied into memory that fits.
    public consuming func freeze() -> Bytes {
        if count == 0 { return .empty }
        if capacity - count > max(capacity / 4, 64) {
            return withUnsafeBytes { Bytes(copying: $0) }
        }
        return Bytes(storage: storage, offset: 0, count: count)
    }
}
