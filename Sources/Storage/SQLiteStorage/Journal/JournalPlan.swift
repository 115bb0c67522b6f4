// What a group of batches adds to the journal. Performs no I/O.

import Buffers
import SQLite
import Storage

/// Turns events into rows, and rows into runs.
struct JournalPlan {
    /// What the file knows.
    struct Known {
        let latest: (Key) -> Latest?
        /// The checksum of the row at a position.
        let checksum: (Position) throws(SQLiteFailure) -> Int64
    }

    private(set) var batches: [RowBatch] = []
    /// The runs that are new or have changed.
    private(set) var runs: [JournalRun]
    private var planned: [Key: LogRow] = [:]

    /// - Parameter run: the journal's last one.
    init(extending run: JournalRun) { runs = [run.isFull ? run.next : run] }

    /// Where the journal ends with this.
    var through: Revision { last.through }

    var last: JournalRun { runs[runs.count - 1] }

    var rows: some Sequence<LogRow> { batches.lazy.flatMap(\.rows) }

    /// Adds whole transactions. What the journal has already is passed over.
    mutating func add(_ entry: Tail.Entry, _ known: Known) throws(SQLiteFailure) {
        let revision = entry.through
        guard revision > through else { return }
        if last.isFull || entry.isDerived && !last.isEmpty { runs.append(last.next) }
        var batch = RowBatch(rows: [], through: revision)
        var run = last
        if entry.isDerived { run.beginDerived() }
        var place = Position(through.next, sequence: 0)
        let before = through
        for event in entry.events where event.revision > before {
            precondition(event.revision <= revision, "\(event.revision) is after \(revision)")
            place = max(place, Position(event.revision, sequence: 0))
            guard place.revision == event.revision else { throw .outOfOrder(event) }
            let latest = planned[event.key]?.latest ?? known.latest(event.key)
            guard let row = Self.row(for: event, at: place, latest) else { continue }
            run.add(row, replaced: try replaced(latest, event.key, known))
            planned[event.key] = row
            batch.rows.append(row)
            place = place.successor
        }
        run.advance(to: revision)
        runs[runs.count - 1] = run
        batches.append(batch)
    }

    /// The row of an event; `nil` for the deletion of what is not there.
    private static func row(
        for event: Event, at position: Position, _ latest: Latest?
    ) -> LogRow? {
        let isPresent = latest?.item != nil
        switch event.change {
        case .put(let value):
            return LogRow(
                position: position, before: latest?.position,
                kind: isPresent ? .replaced : .created, key: event.key, value: value)
        case .delete:
            guard isPresent else { return nil }
            return LogRow(
                position: position, before: latest?.position, kind: .deleted, key: event.key,
                value: .empty)
        }
    }

    private func replaced(
        _ latest: Latest?, _ key: Key, _ known: Known
    ) throws(SQLiteFailure) -> Int64? {
        guard let position = latest?.item else { return nil }
        if let row = planned[key] { return row.checksum }
        return try known.checksum(position)
    }
}

extension SQLiteFailure {
    fileprivate static func outOfOrder(_ event: Event) -> SQLiteFailure {
        SQLiteFailure(
            .mismatch,
            description: "\(event.key) at revision \(event.revision) is out of order, or one of "
                + "more events than a revision has room for")
    }
}
