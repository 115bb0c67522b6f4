// The statements that read the log.

import Buffers
import SQLite
import Storage

/// The statements of a connection that reads the log.
final class LogReader {
    let connection: Connection
    private let begin: Statement
    private let end: Statement
    private let rowAt: Statement
    private let linkAt: Statement
    private let rowsBetween: Statement
    private let isSparse: Bool

    /// - Parameter isSparse: whether revisions without rows may lie between those with rows.
    init(_ connection: Connection, isSparse: Bool = false) throws(SQLiteFailure) {
        let columns = "position, before, kind, checksum, key, value"
        self.connection = connection
        self.isSparse = isSparse
        begin = try connection.prepare("BEGIN")
        end = try connection.prepare("COMMIT")
        rowAt = try connection.prepare("SELECT \(columns) FROM log WHERE position = ?")
        linkAt = try connection.prepare("SELECT before, kind FROM log WHERE position = ?")
        rowsBetween = try connection.prepare(
            "SELECT \(columns) FROM log WHERE position > ? AND position <= ? ORDER BY position")
    }

    /// Keeps the file's state for the reads that `body` makes: each would otherwise lock the file.
    func together<Value>(
        _ body: () throws(StorageError) -> Value
    ) throws(StorageError) -> Value {
        guard !connection.isInTransaction else { return try body() }
        _ = try next(begin)
        begin.reset()
        defer {
            // Ends a read: there is nothing that could be lost.
            _ = try? end.step()
            end.reset()
        }
        return try body()
    }

    /// The row at `position`.
    /// - Throws: `corrupted` when there is none, or when it is damaged.
    func row(at position: Position) throws(StorageError) -> LogRow {
        rowAt.bind(position.rawValue, at: 1)
        defer { rowAt.reset() }
        guard try next(rowAt) else { throw missing(position).whileReading }
        return try decode(rowAt)
    }

    /// The item that a key had at `revision`, when its newest row is `latest`.
    func item(_ latest: Latest, at revision: Revision) throws(StorageError) -> Item? {
        if latest.position.revision <= revision {
            guard let position = latest.item else { return nil }
            return try item(at: position)
        }
        var position = latest.position
        while true {
            let (before, kind) = try link(at: position)
            if before.revision > revision {
                position = before
            } else {
                return kind == .created ? nil : try item(at: before)
            }
        }
    }

    /// The item that the row at `position` put.
    /// - Throws: `corrupted` also when the row put none.
    func item(at position: Position) throws(StorageError) -> Item {
        let row = try row(at: position)
        guard row.kind != .deleted else { throw missing(position).whileReading }
        return row.item
    }

    /// Whole transactions after `position`, as far as one batch goes.
    func batch(
        after position: Revision, through last: Revision, _ range: KeyRange
    ) throws(StorageError) -> EventBatch {
        var batch = BatchBuilder(range, after: position)
        var transaction: [Event] = []
        try rows(after: .end(of: position), through: .end(of: last)) { row in
            if let first = transaction.first, first.revision != row.position.revision {
                batch.append(transaction, through: first.revision)
                transaction.removeAll(keepingCapacity: true)
                if batch.isFull { return false }
            }
            transaction.append(row.event)
            return true
        }
        guard let first = transaction.first else {
            return batch.isFull ? batch.finish() : batch.finish(through: last)
        }
        batch.append(transaction, through: first.revision)
        return batch.finish(through: last)
    }

    /// Calls `body` for every row after `position`, up to and with `last`, until it returns
    /// `false`.
    func rows(
        after position: Position, through last: Position, _ body: (LogRow) -> Bool
    ) throws(StorageError) {
        try scan(after: position, through: last) { (_) throws(StorageError) in
            body(try decode(rowsBetween))
        }
    }

    /// Stops at every row of `rowsBetween` after `position`, up to and with `last`, until `body`
    /// returns `false`.
    private func scan(
        after position: Position, through last: Position,
        _ body: (Revision) throws(StorageError) -> Bool
    ) throws(StorageError) {
        rowsBetween.bind(position.rawValue, at: 1)
        rowsBetween.bind(last.rawValue, at: 2)
        defer { rowsBetween.reset() }
        var before = position.revision
        while try next(rowsBetween) {
            let revision = Position(rawValue: rowsBetween.integer(0)).revision
            guard isSparse || revision == before || revision == before.next else {
                throw missing(Position(before.next, sequence: 0)).whileReading
            }
            before = revision
            guard try body(revision) else { return }
        }
    }

    /// The next events of `request`, with what they replaced.
    /// - Precondition: the request's position is pinned, and `last` has been reached.
    func history(
        _ request: HistoryRequest, through last: Revision
    ) throws(StorageError) -> HistoryPage {
        var page = HistoryPageBuilder(request)
        var isFull = false
        try scan(after: .end(of: request.position), through: .end(of: last)) {
            (revision) throws(StorageError) in
            isFull = !page.begin(revision)
            if isFull { return false }
            // The key stands before the value: of what is passed over, no value is read.
            guard rowsBetween.inPlace(4, request.range.contains) else {
                page.pass()
                return true
            }
            let row = try decode(rowsBetween)
            let event = row.event
            if page.wantsPrevious(of: event), let before = row.before {
                page.append(event, previous: try item(at: before))
            } else {
                page.append(event, previous: nil)
            }
            return true
        }
        return isFull ? page.finish() : page.finish(through: last)
    }

    /// Which row of its key stood before the row at `position`, and what kind of row that one is.
    func link(
        at position: Position
    ) throws(StorageError) -> (before: Position, kind: LogRow.Kind?) {
        linkAt.bind(position.rawValue, at: 1)
        defer { linkAt.reset() }
        guard try next(linkAt) else { throw missing(position).whileReading }
        return (Position(rawValue: linkAt.integer(0)), LogRow.Kind(rawValue: linkAt.integer(1)))
    }

    private func next(_ statement: Statement) throws(StorageError) -> Bool {
        do { return try statement.step() } catch { throw error.whileReading }
    }

    private func decode(_ statement: Statement) throws(StorageError) -> LogRow {
        let position = Position(rawValue: statement.integer(0))
        let before = statement.integer(1)
        let (key, value) = statement.bytes(4, and: 5)
        let row = LogRow(
            position: position,
            before: before == 0 ? nil : Position(rawValue: before),
            kind: LogRow.Kind(rawValue: statement.integer(2)) ?? .deleted,
            key: Key(key), value: value)
        guard row.checksum == statement.integer(3) else {
            throw .corrupted(
                reason: "\(connection.path): the row of \(row.key) at revision "
                    + "\(position.revision) does not match its checksum")
        }
        return row
    }

    /// Demands that the index has led to the right row.
    func check(_ item: Item?, isOf key: Key) throws(StorageError) {
        guard let item, item.key != key else { return }
        throw .corrupted(
            reason: "\(connection.path): the row at revision \(item.revision) is of \(item.key), "
                + "and the index names it for \(key)")
    }

    private func missing(_ position: Position) -> SQLiteFailure {
        SQLiteFailure(
            .corrupt,
            description: "\(connection.path): the row at revision \(position.revision) is missing")
    }
}
