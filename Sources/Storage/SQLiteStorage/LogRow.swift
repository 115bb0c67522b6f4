// What a row of the log is, apart from where it is kept.

import Buffers
import Storage

/// The place of an event in the log: its revision, and its number within the transaction. In the
/// file this is the row's key, so that the table is ordered as the log is.
struct Position: Hashable, Comparable, Sendable {
    /// Room for 65,536 events of one transaction and 140 million million revisions.
    private static let sequenceBitCount = 16

    /// Events of one revision.
    static let sequenceCountMax = 1 << sequenceBitCount

    let rawValue: Int64

    init(rawValue: Int64) { self.rawValue = rawValue }

    init(_ revision: Revision, sequence: Int) {
        precondition(sequence < 1 << Self.sequenceBitCount, "event \(sequence) of a transaction")
        rawValue = Int64(revision.rawValue) << Self.sequenceBitCount | Int64(sequence)
    }

    /// Past the last event of `revision`.
    static func end(of revision: Revision) -> Position {
        Position(rawValue: Position(revision.next, sequence: 0).rawValue - 1)
    }

    /// The place behind this one.
    var successor: Position { Position(rawValue: rawValue + 1) }

    var revision: Revision { Revision(UInt64(bitPattern: rawValue) >> Self.sequenceBitCount) }

    /// Whether nothing can lie between `earlier` and this.
    func follows(_ earlier: Position) -> Bool {
        rawValue == earlier.rawValue + 1
            || self == Position(earlier.revision.next, sequence: 0)
    }

    static func < (left: Position, right: Position) -> Bool { left.rawValue < right.rawValue }
}

/// Where the newest row of a key is, and whether it is a deletion: one word, because there is one
/// for every key in memory.
struct Latest: Hashable, Sendable {
    /// The position, negative for a deletion.
    let rawValue: Int64

    init(rawValue: Int64) { self.rawValue = rawValue }

    init(_ position: Position, isDeletion: Bool) {
        rawValue = isDeletion ? -position.rawValue : position.rawValue
    }

    var isDeletion: Bool { rawValue < 0 }
    var position: Position { Position(rawValue: Int64(rawValue.magnitude)) }
    /// The position of the present item; `nil` when the key has none.
    var item: Position? { isDeletion ? nil : position }
}

/// One row of the log.
struct LogRow: Sendable {
    /// What the row did to its key.
    enum Kind: Int64, Sendable {
        /// Put a value in place of another one.
        case replaced = 0
        case deleted = 1
        /// Put a value where there was none.
        case created = 2
    }

    let position: Position
    /// The key's row before this one; for a created item, its last deletion. `nil`, or no longer in
    /// the file, when there is none or when it was swept.
    let before: Position?
    let kind: Kind
    let key: Key
    /// Nothing when deleted.
    let value: Bytes

    var latest: Latest { Latest(position, isDeletion: kind == .deleted) }

    var event: Event {
        Event(
            revision: position.revision, key: key,
            change: kind == .deleted ? .delete : .put(value),
            previous: kind == .created ? nil : before?.revision)
    }

    /// - Precondition: the row is no deletion.
    var item: Item {
        precondition(kind != .deleted, "\(key) was deleted at \(position.revision)")
        return Item(key: key, value: value, revision: position.revision)
    }

    /// Covers everything that the row says.
    var checksum: Int64 {
        var place = UInt64(bitPattern: position.rawValue)
        place ^= UInt64(bitPattern: before?.rawValue ?? 0) &* 0x9e37_79b9_7f4a_7c15
        place ^= UInt64(kind.rawValue) << 62
        let seed = key.bytes.withUnsafeBytes { xxh64($0, seed: place) }
        return Int64(bitPattern: value.withUnsafeBytes { xxh64($0, seed: seed) })
    }
}
