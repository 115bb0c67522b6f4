// Reading the journal at start: nothing of it is believed before all of it has been checked.

import Buffers
import SQLite
import Storage

/// What a file holds, when SQLite finds its pages in order and `JournalCheck` the rest.
struct LoadedJournal: LogContent {
    let identity: StoreIdentity
    let compacted: Revision
    let swept: Position
    let marks: [Mark]
    private(set) var byteCountAfterMarks = 0
    private var check: JournalCheck

    var isSparse: Bool { true }
    var index: KeyMap<Latest> { check.index }
    var current: Revision { last.through }
    /// The last run. Where it ends the store's watch goes on.
    var last: JournalRun { check.last }
    /// The last event.
    var sample: Event? { check.sample }
    /// The runs whose events were derived.
    var derived: [JournalRun] { check.derived }

    /// - Returns: `nil` for an empty file.
    init?(checking connection: Connection) throws(StorageError) {
        let statements: JournalStatements
        let reader: LogReader
        do throws(SQLiteFailure) {
            guard let head = try JournalHead(reading: connection) else { return nil }
            identity = head.identity
            compacted = head.compacted
            swept = head.swept
            marks = head.marks
            check = JournalCheck(head.runs, compacted: head.compacted, swept: head.swept)
            reader = try LogReader(connection, isSparse: true)
            statements = try JournalStatements(connection, of: identity)
        } catch {
            throw error.whileReading
        }
        try read(reader)
        try check.finish { (position) throws(StorageError) in
            do throws(SQLiteFailure) {
                return try statements.checksum(at: position)
            } catch {
                throw error.whileReading
            }
        }
    }

    private mutating func read(_ reader: LogReader) throws(StorageError) {
        var defect: StorageError?
        let lastMark = marks.last?.revision ?? .zero
        let start = Position(rawValue: 0)
        try reader.rows(after: start, through: .end(of: .newest)) { row in
            do throws(StorageError) { try check.add(row) } catch { defect = error }
            if row.position.revision > lastMark {
                byteCountAfterMarks += row.key.bytes.count + row.value.count
            }
            return defect == nil
        }
        if let defect { throw defect }
    }
}

/// What stands in the file besides rows.
private struct JournalHead {
    let identity: StoreIdentity
    let compacted: Revision
    let swept: Position
    let marks: [Mark]
    let runs: [JournalRun]

    /// - Returns: `nil` for an empty file.
    init?(reading connection: Connection) throws(SQLiteFailure) {
        let isEmpty = try connection.integer("SELECT count(*) FROM sqlite_schema") == 0
        if isEmpty { return nil }
        try Self.checkFormat(connection)
        identity = StoreIdentity(
            try connection.text("SELECT value FROM meta WHERE name = 'identity'"))
        compacted = Revision(try Self.number("compacted", connection))
        swept = Position(rawValue: Int64(try Self.number("swept", connection)))
        marks = try Self.marks(connection)
        runs = try Self.runs(connection, identity)
        guard JournalCheck.areConsecutive(runs, from: compacted), swept <= .end(of: compacted)
        else {
            throw Self.defect(
                connection, "the runs do not go from where the window begins to the end")
        }
    }

    static func defect(_ connection: Connection, _ reason: String) -> SQLiteFailure {
        SQLiteFailure(.corrupt, description: "\(connection.path): \(reason)")
    }

    private static func checkFormat(_ connection: Connection) throws(SQLiteFailure) {
        guard try connection.integer("PRAGMA application_id") == JournalFile.applicationID else {
            throw defect(connection, "belongs to another program")
        }
        let format = try connection.integer("PRAGMA user_version") ?? 0
        guard format == JournalFile.formatVersion else {
            throw defect(
                connection,
                "has format \(format); this program reads format \(JournalFile.formatVersion)")
        }
        // Also finds what would mislead a search, such as keys of a page out of order.
        let finding = try connection.text("PRAGMA quick_check(1)")
        guard finding == "ok" else { throw defect(connection, finding) }
    }

    private static func number(
        _ name: String, _ connection: Connection
    ) throws(SQLiteFailure) -> UInt64 {
        let value = try connection.integer("SELECT value FROM meta WHERE name = '\(name)'")
        guard let value, value >= 0 else { throw defect(connection, "\(name) is missing") }
        return UInt64(value)
    }

    /// The marks say when things were written, not what. Odd ones are done without.
    private static func marks(_ connection: Connection) throws(SQLiteFailure) -> [Mark] {
        let rows = try connection.prepare(
            "SELECT revision, time, written FROM marks ORDER BY revision")
        var marks: [Mark] = []
        while try rows.step() {
            guard rows.integer(0) >= 0, rows.integer(2) >= 0 else { return [] }
            marks.append(
                Mark(
                    revision: Revision(UInt64(rows.integer(0))), time: rows.integer(1),
                    writtenByteCount: Int(rows.integer(2))))
        }
        return marks
    }

    private static func runs(
        _ connection: Connection, _ identity: StoreIdentity
    ) throws(SQLiteFailure) -> [JournalRun] {
        let rows = try connection.prepare("SELECT * FROM runs ORDER BY after")
        var runs: [JournalRun] = []
        while try rows.step() {
            runs.append(try JournalStatements.run(rows, of: identity))
        }
        return runs
    }
}
