/// The store's counter: one per committed transaction, the same number on every gateway.
/// A resourceVersion is a revision in decimal.
public struct Revision: RawRepresentable, Hashable, Comparable, Sendable {
    public let rawValue: UInt64

    @inlinable
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    @inlinable
    public init(_ rawValue: UInt64) { self.rawValue = rawValue }

    /// Before the first transaction.
    public static let zero = Revision(0)

    /// The revision of the next transaction.
    @inlinable
    public var next: Revision { Revision(rawValue + 1) }

    /// The revision before this one.
    /// - Precondition: this is not `zero`.
    @inlinable
    public var previous: Revision { Revision(rawValue - 1) }

    @inlinable
    public static func < (left: Revision, right: Revision) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension Revision: CustomStringConvertible {
    public var description: String { String(rawValue) }
}
