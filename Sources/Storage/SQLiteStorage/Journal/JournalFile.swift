// The journal's file: its format, and the statements that only it has.

import Buffers
import SQLite
import Storage

/// The format of the journal's file. `log`, `meta` and `marks` are those of `LogFile`, but the
/// revisions of the log may have gaps. `runs` says what lies in the gaps, see `JournalRun`; each
/// has a checksum of its own.
enum JournalFile {
    /// "Binj", in the header of the file.
    static let applicationID: Int64 = 0x4269_6e6a
    /// Raised when a program of the version before could not read the file.
    static let formatVersion: Int64 = 1

    /// Tells the connection that writes how. `NORMAL` does not wait for the disk at a commit: what
    /// a power cut takes are the last commits as a whole, and they come from the store again.
    static func prepare(_ connection: Connection) throws(SQLiteFailure) {
        try LogFile.prepareWriter(connection, synchronous: "NORMAL")
    }

    /// Makes the tables of a new file.
    static func create(
        _ connection: Connection, for identity: StoreIdentity
    ) throws(SQLiteFailure) {
        try connection.execute(
            """
            BEGIN IMMEDIATE;
            PRAGMA application_id = \(applicationID);
            PRAGMA user_version = \(formatVersion);
            \(LogFile.createLog)
            \(LogFile.createMarks)
            CREATE TABLE runs (
                after INTEGER PRIMARY KEY,
                through INTEGER NOT NULL,
                rows INTEGER NOT NULL, row_sum INTEGER NOT NULL,
                items INTEGER NOT NULL, item_sum INTEGER NOT NULL,
                derived INTEGER NOT NULL,
                checksum INTEGER NOT NULL
            );
            CREATE TABLE meta (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
            INSERT INTO meta VALUES ('compacted', 0), ('swept', 0), ('recoveries', 0);
            COMMIT
            """)
        let statement = try connection.prepare("INSERT INTO meta VALUES ('identity', ?)")
        try Bytes(identity.name).withUnsafeBytes { (name) throws(SQLiteFailure) in
            statement.bind(name, at: 1)
            _ = try statement.step()
            statement.reset()
        }
    }
}

/// The statements of the connection that writes the journal, besides those of `LogWriter`.
final class JournalStatements {
    private let identity: StoreIdentity
    private let putRun: Statement
    private let deleteRuns: Statement
    private let runAt: Statement
    private let checksumAt: Statement
    private let checksums: Statement

    init(_ connection: Connection, of identity: StoreIdentity) throws(SQLiteFailure) {
        self.identity = identity
        putRun = try connection.prepare(
            "INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        deleteRuns = try connection.prepare("DELETE FROM runs WHERE after < ?")
        runAt = try connection.prepare(
            "SELECT * FROM runs WHERE after <= ? ORDER BY after DESC LIMIT 1")
        checksumAt = try connection.prepare("SELECT checksum FROM log WHERE position = ?")
        checksums = try connection.prepare(
            "SELECT checksum FROM log WHERE position > ? AND position <= ?")
    }

    func put(_ run: JournalRun) throws(SQLiteFailure) {
        putRun.bind(Int64(run.after.rawValue), at: 1)
        putRun.bind(Int64(run.through.rawValue), at: 2)
        putRun.bind(run.rowCount, at: 3)
        putRun.bind(run.rowSum, at: 4)
        putRun.bind(run.itemCount, at: 5)
        putRun.bind(run.itemSum, at: 6)
        putRun.bind(run.isDerived ? 1 : 0, at: 7)
        putRun.bind(run.checksum(in: identity), at: 8)
        defer { putRun.reset() }
        _ = try putRun.step()
    }

    /// Removes the runs that begin before `revision`.
    func deleteRuns(before revision: Revision) throws(SQLiteFailure) {
        deleteRuns.bind(Int64(revision.rawValue), at: 1)
        defer { deleteRuns.reset() }
        _ = try deleteRuns.step()
    }

    /// The last run that begins at or before `revision`.
    func run(at revision: Revision) throws(SQLiteFailure) -> JournalRun? {
        runAt.bind(Int64(revision.rawValue), at: 1)
        defer { runAt.reset() }
        return try runAt.step() ? try Self.run(runAt, of: identity) : nil
    }

    /// The run in a row of `runs`.
    static func run(
        _ row: Statement, of identity: StoreIdentity
    ) throws(SQLiteFailure) -> JournalRun {
        let run = JournalRun(
            after: Revision(UInt64(bitPattern: row.integer(0))),
            through: Revision(UInt64(bitPattern: row.integer(1))),
            rows: (row.integer(2), row.integer(3)), items: (row.integer(4), row.integer(5)),
            isDerived: row.integer(6) != 0)
        guard run.checksum(in: identity) == row.integer(7), run.through >= run.after else {
            throw SQLiteFailure(
                .corrupt,
                description: "the run after \(run.after) does not match its checksum")
        }
        return run
    }

    func checksum(at position: Position) throws(SQLiteFailure) -> Int64 {
        checksumAt.bind(position.rawValue, at: 1)
        defer { checksumAt.reset() }
        guard try checksumAt.step() else {
            throw SQLiteFailure(
                .corrupt,
                description: "the row at revision \(position.revision) is missing")
        }
        return checksumAt.integer(0)
    }

    /// How many rows there are after `start`, up to and with `end`, and the sum of their checksums.
    func rows(
        after start: Revision, through end: Revision
    ) throws(SQLiteFailure) -> (count: Int64, sum: Int64) {
        checksums.bind(Position.end(of: start).rawValue, at: 1)
        checksums.bind(Position.end(of: end).rawValue, at: 2)
        defer { checksums.reset() }
        var found: (count: Int64, sum: Int64) = (0, 0)
        while try checksums.step() {
            found.count += 1
            found.sum &+= checksums.integer(0)
        }
        return found
    }
}
