// Whether the rows and runs of a journal hold together. Performs no I/O.

import Buffers
import Storage

/// Looks at every row, oldest first. The runs follow each other from where the window begins to the
/// end, and each has the rows that it says; every row follows the one that it names; and the
/// present items are those that the last run has counted.
struct JournalCheck {
    private(set) var index = KeyMap<Latest>()
    /// The event of the last row.
    private(set) var sample: Event?
    let last: JournalRun
    /// The runs whose events were derived.
    let derived: [JournalRun]
    private let compacted: Revision
    private let swept: Position
    private var runs: ArraySlice<JournalRun>
    private var newest = Position(rawValue: 0)
    private var rows: (count: Int64, sum: Int64) = (0, 0)

    /// - Parameter runs: oldest first, each beginning where the one before it ends.
    /// - Precondition: there is one.
    init(_ runs: [JournalRun], compacted: Revision, swept: Position) {
        self.runs = runs[...]
        self.compacted = compacted
        self.swept = swept
        last = runs[runs.count - 1]
        derived = runs.filter(\.isDerived)
    }

    /// Whether runs can be those of a journal whose window begins at `compacted`.
    static func areConsecutive(_ runs: [JournalRun], from compacted: Revision) -> Bool {
        runs.first?.after == compacted
            && zip(runs, runs.dropFirst()).allSatisfy { $0.through == $1.after }
    }

    /// Looks at the next row, which matches its checksum.
    mutating func add(_ row: LogRow) throws(StorageError) {
        let revision = row.position.revision
        guard row.position > newest, revision <= last.through else {
            throw .corrupted(reason: "the row at revision \(revision) is out of order")
        }
        newest = row.position
        guard follows(row) else {
            throw .corrupted(
                reason: "the row of \(row.key) at revision \(revision) contradicts those before")
        }
        sample = row.event
        index[row.key] = row.latest
        guard revision > compacted else { return }
        try endRuns(before: revision)
        rows.count += 1
        rows.sum &+= row.checksum
    }

    /// Whether the key's row before this one is the one that it names. Up to `swept`, rows may be
    /// missing; after it, none is.
    private func follows(_ row: LogRow) -> Bool {
        guard row.position > swept else { return true }
        guard let known = index[row.key] else {
            return row.kind == .created && row.before.map { $0 <= swept } ?? true
        }
        return known.position == row.before && known.isDeletion == (row.kind == .created)
    }

    /// Compares the runs that end before `revision` with the rows that were seen.
    private mutating func endRuns(before revision: Revision) throws(StorageError) {
        while let run = runs.first, run.through < revision {
            guard run.rowCount == rows.count, run.rowSum == rows.sum else {
                throw .corrupted(
                    reason: "\(rows.count) rows after \(run.after) through \(run.through) are not "
                        + "the \(run.rowCount) that were written")
            }
            rows = (0, 0)
            runs.removeFirst()
        }
    }

    /// Looks at the whole, when all rows have been added.
    mutating func finish(
        checksum: (Position) throws(StorageError) -> Int64
    ) throws(StorageError) {
        try endRuns(before: last.through.next)
        var positions: [Position] = []
        index.walk(.all) { _, latest in
            if let position = latest.item { positions.append(position) }
            return true
        }
        var sum: Int64 = 0
        for position in positions { sum &+= try checksum(position) }
        guard positions.count == last.itemCount, sum == last.itemSum else {
            throw .corrupted(
                reason: "\(positions.count) items at \(last.through) are not the "
                    + "\(last.itemCount) that were written")
        }
    }
}
