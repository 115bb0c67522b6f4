// What the store knows in memory. Performs no I/O.

import Buffers
import Storage

/// Where every key's newest row is, which revisions can be read, and who is reading.
struct LogState: Sendable {
    /// The newest row of each key, deletions included until they are swept.
    private(set) var index: KeyMap<Latest>
    private(set) var current: Revision
    private(set) var compacted: Revision
    private(set) var tail: Tail
    /// How many readers stand at each revision. What they need is not swept.
    private var pins: [Revision: Int] = [:]
    /// Whether a sweep waits for a reader to leave.
    private var sweepIsWaiting = false
    var isClosed = false

    /// The state after the rows of a file have been read.
    init(index: KeyMap<Latest>, current: Revision, compacted: Revision) {
        self.index = index
        self.current = current
        self.compacted = compacted
        tail = Tail(after: current)
    }

    /// Whether a reader may stand at `revision`.
    func check(_ revision: Revision) throws(StorageError) {
        guard !isClosed else { throw .closed }
        guard revision >= compacted else {
            throw .compacted(requested: revision, oldest: compacted)
        }
        guard revision <= current else { throw .future(requested: revision, current: current) }
    }

    /// Publishes a transaction that has been made durable.
    mutating func apply(_ rows: [LogRow]) {
        precondition(rows.first?.position.revision == current.next, "not the one after \(current)")
        apply(rows, through: current.next)
    }

    /// Publishes whole transactions, which are all there are up to `revision`.
    mutating func apply(_ rows: [LogRow], through revision: Revision) {
        precondition(revision > current, "\(revision) is not after \(current)")
        current = revision
        for row in rows { index[row.key] = row.latest }
        tail.append(rows.map(\.event), through: revision)
    }

    mutating func compact(before revision: Revision) { compacted = max(compacted, revision) }

    // MARK: Readers and the sweep

    /// Lets a reader stand at `revision`, or at the newest, until it calls `unpin`.
    mutating func pin(_ revision: Revision?) throws(StorageError) -> Revision {
        let pinned = revision ?? current
        try check(pinned)
        pins[pinned, default: 0] += 1
        return pinned
    }

    /// Returns whether a waiting sweep may try again.
    mutating func unpin(_ revision: Revision) -> Bool {
        guard let count = pins[revision] else { preconditionFailure("\(revision) is not pinned") }
        pins[revision] = count == 1 ? nil : count - 1
        defer { sweepIsWaiting = false }
        return sweepIsWaiting
    }

    /// Up to which revision rows may be swept now. No reader stands before it, and none can come: a
    /// reader never stands before `compacted`.
    var sweepBound: Revision { min(compacted, pins.keys.min() ?? compacted) }

    /// Has the next `unpin` answer that the sweep may try again.
    mutating func awaitUnpin() { sweepIsWaiting = true }

    /// Forgets deletions whose rows have been removed.
    mutating func forget(_ deletions: [(key: Key, position: Position)]) {
        for (key, position) in deletions where index[key]?.position == position {
            index[key] = nil
        }
    }
}
