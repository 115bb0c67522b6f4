// The statements that write the log.

import Buffers
import SQLite
import Storage

/// The statements of the connection that writes the log.
final class LogWriter {
    let connection: Connection
    private let insertRow: Statement
    private let deleteRow: Statement
    private let insertMark: Statement
    private let deleteMarks: Statement
    private let setMeta: [Meta: Statement]
    private let begin: Statement
    private let commitAll: Statement
    private let rollbackAll: Statement

    enum Meta: String, CaseIterable { case compacted, swept }

    init(_ connection: Connection) throws(SQLiteFailure) {
        self.connection = connection
        insertRow = try connection.prepare("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?)")
        deleteRow = try connection.prepare("DELETE FROM log WHERE position = ?")
        insertMark = try connection.prepare("INSERT OR REPLACE INTO marks VALUES (?, ?, ?)")
        deleteMarks = try connection.prepare("DELETE FROM marks WHERE revision < ?")
        begin = try connection.prepare("BEGIN IMMEDIATE")
        commitAll = try connection.prepare("COMMIT")
        rollbackAll = try connection.prepare("ROLLBACK")
        var setMeta: [Meta: Statement] = [:]
        for name in Meta.allCases {
            setMeta[name] = try connection.prepare(
                "UPDATE meta SET value = ? WHERE name = '\(name.rawValue)'")
        }
        self.setMeta = setMeta
    }

    func beginTransaction() throws(SQLiteFailure) { try run(begin) }
    func commit() throws(SQLiteFailure) { try run(commitAll) }

    /// Undoes the transaction, if SQLite has not done so itself.
    func rollback() {
        guard connection.isInTransaction else { return }
        // A rollback changes memory only; when it fails, SQLite has rolled back already.
        try? run(rollbackAll)
        precondition(!connection.isInTransaction, "\(connection.path): a transaction does not end")
    }

    func insert(_ row: LogRow) throws(SQLiteFailure) {
        insertRow.bind(row.position.rawValue, at: 1)
        insertRow.bind(row.before?.rawValue ?? 0, at: 2)
        insertRow.bind(row.kind.rawValue, at: 3)
        insertRow.bind(row.checksum, at: 4)
        try row.key.bytes.withUnsafeBytes { (key) throws(SQLiteFailure) in
            insertRow.bind(key, at: 5)
            try row.value.withUnsafeBytes { (value) throws(SQLiteFailure) in
                insertRow.bind(value, at: 6)
                try run(insertRow)
            }
        }
    }

    func delete(_ position: Position) throws(SQLiteFailure) {
        deleteRow.bind(position.rawValue, at: 1)
        try run(deleteRow)
    }

    func insert(_ mark: Mark) throws(SQLiteFailure) {
        insertMark.bind(Int64(mark.revision.rawValue), at: 1)
        insertMark.bind(mark.time, at: 2)
        insertMark.bind(Int64(mark.writtenByteCount), at: 3)
        try run(insertMark)
    }

    func deleteMarks(before revision: Revision) throws(SQLiteFailure) {
        deleteMarks.bind(Int64(revision.rawValue), at: 1)
        try run(deleteMarks)
    }

    func set(_ name: Meta, to value: Int64) throws(SQLiteFailure) {
        guard let statement = setMeta[name] else { preconditionFailure("no statement for \(name)") }
        statement.bind(value, at: 1)
        try run(statement)
    }

    /// Changes the file without changing what it says.
    func countRecovery() throws(SQLiteFailure) {
        try connection.execute("UPDATE meta SET value = value + 1 WHERE name = 'recoveries'")
    }

    private func run(_ statement: Statement) throws(SQLiteFailure) {
        _ = try statement.step()
        statement.reset()
    }
}
