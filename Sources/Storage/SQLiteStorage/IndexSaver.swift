// Writing the index into the file, a part with each group of commits.

import Buffers
import SQLite
import Storage

/// Saves the index again when enough rows have come since the last time. Belongs to the writer's
/// queue.
///
/// A part goes into the transaction of a group that is committed anyway, so that saving costs no
/// commit of its own and holds the writer for a fraction of a millisecond.
struct IndexSaver {
    /// An index that is being saved. It shares its memory with the writer's until that changes.
    private struct Run {
        let slot: SavedIndex.Slot
        let revision: Revision
        let index: KeyMap<Latest>
        var last: Key?
        var partCount = 0
        var entryCount = 0
        var isDone = false
    }

    private var putRow: Statement?
    private var deleteRow: Statement?
    private var run: Run?
    /// What `run` becomes when the transaction under way is committed.
    private var next: Run?
    /// Where the newest whole index is, or the place that is not to be written next.
    private var slot: SavedIndex.Slot
    /// The rows that an opening would have to read.
    private var rowCount: Int
    private let rowCountMin: Int

    init(
        _ connection: Connection, _ loaded: LoadedLog, rowCountMin: Int
    ) throws(SQLiteFailure) {
        self.rowCountMin = rowCountMin
        putRow = try connection.prepare("INSERT OR REPLACE INTO saved VALUES (?, ?, ?)")
        deleteRow = try connection.prepare("DELETE FROM saved WHERE part = ?")
        slot = loaded.savedSlot ?? .second
        rowCount = loaded.scannedRowCount
    }

    /// Whether it is time to begin, with so many keys.
    func isDue(keyCount: Int) -> Bool {
        run == nil && rowCount >= max(rowCountMin, keyCount / 2)
    }

    /// Begins to save `index`.
    /// - Precondition: it is due.
    mutating func begin(_ index: KeyMap<Latest>, at revision: Revision) {
        precondition(run == nil, "an index is being saved")
        run = Run(slot: slot.other, revision: revision, index: index)
        rowCount = 0
    }

    /// Writes the next part into the transaction under way, if an index is being saved.
    mutating func writePart() throws(SQLiteFailure) {
        guard var run else { return }
        // From here on this place holds nothing, until its header is there again.
        if run.partCount == 0 { try delete(run.slot.row(0)) }
        let part = SavedIndex.part(of: run.index, after: run.last)
        if let last = part.last {
            run.partCount += 1
            run.entryCount += part.entryCount
            run.last = last
            try put(part.data, part: run.partCount, run)
        } else {
            let header = SavedIndex.Header(
                revision: run.revision, partCount: run.partCount, entryCount: run.entryCount)
            try put(SavedIndex.data(of: header), part: 0, run)
            run.isDone = true
        }
        next = run
    }

    /// Takes note that the transaction with the part is durable, and with it so many rows.
    mutating func noteCommit(rowCount count: Int) {
        rowCount += count
        guard let next else { return }
        self.next = nil
        if next.isDone { slot = next.slot }
        run = next.isDone ? nil : next
    }

    /// Takes note that the transaction may not be durable: the part is written again.
    mutating func forgetPart() { next = nil }

    mutating func close() {
        putRow = nil
        deleteRow = nil
    }

    private func put(_ data: Bytes, part: Int, _ run: Run) throws(SQLiteFailure) {
        guard let putRow else { preconditionFailure("the file has been closed") }
        putRow.bind(run.slot.row(part), at: 1)
        putRow.bind(SavedIndex.checksum(data, part: part, run.revision), at: 2)
        try data.withUnsafeBytes { (bytes) throws(SQLiteFailure) in
            putRow.bind(bytes, at: 3)
            _ = try putRow.step()
            putRow.reset()
        }
    }

    private func delete(_ row: Int64) throws(SQLiteFailure) {
        guard let deleteRow else { preconditionFailure("the file has been closed") }
        deleteRow.bind(row, at: 1)
        _ = try deleteRow.step()
        deleteRow.reset()
    }
}
