// Immutable bytes that many owners share without copying.

#if canImport(Glibc)
    import Glibc
#endif

/// The memory behind `Bytes` and `ByteBuffer`: one allocation, the header and then the elements.
@usableFromInline
final class ByteStorage: ManagedBuffer<Int, UInt8> {
    @inlinable
    static func allocate(byteCount: Int) -> ByteStorage {
        let storage = ByteStorage.create(minimumCapacity: byteCount) { _ in byteCount }
        return unsafeDowncast(storage, to: ByteStorage.self)
    }

    /// The first element. Stays valid, at the same address, while the storage is referenced.
    @inlinable
    var base: UnsafeMutablePointer<UInt8> {
        withUnsafeMutablePointerToElements { $0 }
    }
}

/// An immutable run of bytes. Copying and slicing share the memory; the address of the first byte
/// never changes while a `Bytes` that holds it is alive.
public struct Bytes: @unchecked Sendable {
    // Reason: the storage is written only by `ByteBuffer`, before a `Bytes` of it exists.
    @usableFromInline let storage: ByteStorage?
    @usableFromInline let offset: Int
    public let count: Int

    @inlinable
    init(storage: ByteStorage?, offset: Int, count: Int) {
        self.storage = storage
        self.offset = offset
        self.count = count
    }

    /// No bytes.
    public static let empty = Bytes(storage: nil, offset: 0, count: 0)

    /// A copy of `elements`.
    public init(_ elements: some Collection<UInt8>) {
        let count = elements.count
        let storage = ByteStorage.allocate(byteCount: count)
        let target = UnsafeMutableBufferPointer(start: storage.base, count: count)
        _ = target.initialize(fromContentsOf: elements)
        self.init(storage: storage, offset: 0, count: count)
    }

    /// A copy of `buffer`.
    public init(copying buffer: UnsafeRawBufferPointer) {
        let storage = ByteStorage.allocate(byteCount: buffer.count)
        if let source = buffer.baseAddress {
            memcpy(storage.base, source, buffer.count)
        }
        self.init(storage: storage, offset: 0, count: buffer.count)
    }

    /// The UTF-8 of `string`.
    public init(_ string: String) {
        var string = string
        self = string.withUTF8 { Bytes(copying: UnsafeRawBufferPointer($0)) }
    }

    @inlinable
    public var isEmpty: Bool { count == 0 }

    /// The byte at `index`, counted from the start of this run.
    /// - Precondition: `index` is in `0..<count`.
    @inlinable
    public subscript(index: Int) -> UInt8 {
        precondition(index >= 0 && index < count, "byte \(index) of \(count)")
        return storage.unsafelyUnwrapped.base[offset + index]
    }

    /// Part of this run, without a copy.
    /// - Precondition: `range` lies in `0..<count`.
    @inlinable
    public subscript(range: Range<Int>) -> Bytes {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) of \(count)")
        return Bytes(storage: storage, offset: offset + range.lowerBound, count: range.count)
    }

    /// What follows the first `dropped` bytes.
    @inlinable
    public func dropFirst(_ dropped: Int) -> Bytes { self[min(dropped, count)..<count] }

    /// The bytes in place. The pointer must not outlive the closure, unless the caller also keeps
    /// this value alive.
    @inlinable
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard let storage else { return try body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        defer { withExtendedLifetime(storage) {} }
        return try body(UnsafeRawBufferPointer(start: storage.base + offset, count: count))
    }

    /// Whether `byte` is among these.
    public func contains(_ byte: UInt8) -> Bool {
        withUnsafeBytes { own in
            own.count > 0 && memchr(own.baseAddress!, CInt(byte), own.count) != nil
        }
    }

    /// Where `part` begins in this run when it is a slice of the same memory; `nil` else.
    public func offset(ofSlice part: Bytes) -> Int? {
        guard storage === part.storage, part.offset >= offset,
            part.offset + part.count <= offset + count
        else { return nil }
        return part.offset - offset
    }

    /// A copy with memory of its own, for a slice that would keep a much larger run alive.
    public func compacted() -> Bytes { withUnsafeBytes { Bytes(copying: $0) } }

    /// Whether the two start with the same bytes for the whole of `prefix`.
    public func starts(with prefix: Bytes) -> Bool {
        prefix.count <= count && self[0..<prefix.count] == prefix
    }

    /// Whether these are the UTF-8 of `text`. A comparison with a literal makes it into `Bytes`
    /// first; this allocates nothing.
    @inlinable
    public func spell(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        return withUnsafeBytes { own in
            own.isEmpty || memcmp(own.baseAddress!, text.utf8Start, own.count) == 0
        }
    }

    /// The bytes as a new array.
    public var array: [UInt8] { withUnsafeBytes { [UInt8]($0) } }
}

extension Bytes: Hashable, Comparable {
    public static func == (left: Bytes, right: Bytes) -> Bool {
        guard left.count == right.count else { return false }
        if left.storage === right.storage, left.offset == right.offset { return true }
        return left.withUnsafeBytes { first in
            right.withUnsafeBytes { second in
                first.isEmpty || memcmp(first.baseAddress!, second.baseAddress!, first.count) == 0
            }
        }
    }

    /// Byte by byte, as unsigned numbers; a prefix comes before what it begins.
    public static func < (left: Bytes, right: Bytes) -> Bool {
        left.withUnsafeBytes { first in
            right.withUnsafeBytes { second in
                let shared = min(first.count, second.count)
                if shared > 0 {
                    let order = memcmp(first.baseAddress!, second.baseAddress!, shared)
                    if order != 0 { return order < 0 }
                }
                return first.count < second.count
            }
        }
    }

    public func hash(into hasher: inout Hasher) {
        withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}

extension Bytes: ExpressibleByStringLiteral {
    public init(stringLiteral value: StaticString) {
        self.init(
            copying: UnsafeRawBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount))
    }
}

extension Bytes: CustomStringConvertible {
    /// The bytes read as UTF-8; each invalid sequence becomes U+FFFD.
    public var description: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
}

extension String {
    /// `bytes` read as UTF-8; each invalid sequence becomes U+FFFD.
    public init(_ bytes: Bytes) { self = bytes.description }
}
