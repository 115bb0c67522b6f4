import Buffers

#if canImport(Glibc)
    import Glibc
#endif

/// The name of an item in the store: segments joined by `/`, such as `pods/default/web`.
/// Keys are ordered byte by byte, as etcd orders them.
public struct Key: Hashable, Comparable, Sendable {
    public let bytes: Bytes

    @inlinable
    public init(_ bytes: Bytes) { self.bytes = bytes }

    public init(_ string: String) { self.bytes = Bytes(string) }

    @inlinable
    public static func < (left: Key, right: Key) -> Bool { left.bytes < right.bytes }

    /// The first key after this one.
    public var successor: Key { Key(Bytes(bytes.array + [0])) }
}

extension Key: CustomStringConvertible, ExpressibleByStringLiteral {
    public var description: String { bytes.description }
    public init(stringLiteral value: String) { self.init(value) }
}

/// The keys from `lower` up to, not including, `upper`.
public struct KeyRange: Hashable, Sendable {
    public let lower: Key
    /// `nil` is past every key.
    public let upper: Key?

    public init(lower: Key, upper: Key?) {
        self.lower = lower
        self.upper = upper
    }

    /// Every key.
    public static let all = KeyRange(lower: Key(Bytes.empty), upper: nil)

    /// Every key that starts with `prefix`.
    public static func prefix(_ prefix: Key) -> KeyRange {
        var upper = prefix.bytes.array
        while let last = upper.popLast() {
            if last < UInt8.max {
                return KeyRange(lower: prefix, upper: Key(Bytes(upper + [last + 1])))
            }
        }
        return KeyRange(lower: prefix, upper: nil)
    }

    /// The range of one key.
    public static func only(_ key: Key) -> KeyRange {
        KeyRange(lower: key, upper: Key(Bytes(key.bytes.array + [0])))
    }

    /// The key of a range that can hold no other one.
    public var onlyKey: Key? {
        guard let upper = upper?.bytes, upper.count == lower.bytes.count + 1,
            upper.starts(with: lower.bytes), upper[upper.count - 1] == 0
        else { return nil }
        return lower
    }

    /// Whether the key that these bytes spell lies in the range.
    package func contains(_ key: UnsafeRawBufferPointer) -> Bool {
        func isBefore(_ bound: Key) -> Bool {
            bound.bytes.withUnsafeBytes { bound in
                let shared = min(key.count, bound.count)
                let order = shared > 0 ? memcmp(key.baseAddress!, bound.baseAddress!, shared) : 0
                return order != 0 ? order < 0 : key.count < bound.count
            }
        }
        if isBefore(lower) { return false }
        guard let upper else { return true }
        return isBefore(upper)
    }

    public func contains(_ key: Key) -> Bool {
        guard key >= lower else { return false }
        guard let upper else { return true }
        return key < upper
    }
}
