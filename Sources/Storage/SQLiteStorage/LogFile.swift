// The file: its format, and the statements that read and write it.

import Buffers
import SQLite
import Storage

/// The format of the file, and what is kept in it besides the log.
///
/// - `log`: one row for each event, append-only but for compaction. `value` stands last, so that a
///   scan that does not want it does not read its overflow pages.
/// - `meta`: `identity`; `compacted`, the oldest revision that a reader may stand at; `swept`, up
///   to which position superseded rows have been removed; `recoveries`, the number of commits whose
///   outcome had to be found out.
/// - `marks`: which revision was the newest at which time, in milliseconds since 1970, and how many
///   bytes of events had been written by then.
/// - `saved`: the index of keys as of some revision, see `SavedIndex`. May be missing or out of
///   date; a program that does not know it does no harm to it.
enum LogFile {
    /// "Binn", in the header of the file.
    static let applicationID: Int64 = 0x4269_6e6e
    /// Raised when a program of the version before could not read the file.
    static let formatVersion: Int64 = 1

    /// Makes the tables of a new file, or checks that the file is one of ours.
    static func prepare(_ connection: Connection) throws(StorageError) {
        do throws(SQLiteFailure) {
            try prepareWriter(connection, synchronous: "FULL")
            if try connection.integer("SELECT count(*) FROM sqlite_schema") == 0 {
                return try create(connection)
            }
        } catch {
            throw error.whileReading
        }
        try check(connection)
        do throws(SQLiteFailure) {
            // Files of this format were made without these at first.
            try connection.execute(createMarks + createSaved)
        } catch {
            throw error.whileReading
        }
    }

    /// What the connection that writes is told first.
    /// - Parameter synchronous: https://www.sqlite.org/pragma.html#pragma_synchronous
    static func prepareWriter(
        _ connection: Connection, synchronous: String
    ) throws(SQLiteFailure) {
        try connection.execute("PRAGMA journal_mode = WAL")
        try connection.execute("PRAGMA synchronous = \(synchronous)")
        // A file system without shared memory makes SQLite keep another mode without an error.
        guard try connection.text("PRAGMA journal_mode") == "wal" else {
            throw SQLiteFailure(
                .cannotOpen,
                description: "\(connection.path): the file system takes no write-ahead log")
        }
        try connection.execute("PRAGMA wal_autocheckpoint = \(Limits.checkpointPageCount)")
        try connection.execute("PRAGMA journal_size_limit = \(Limits.journalByteCountMax)")
        try connection.execute("PRAGMA cache_size = -\(Limits.pageCacheKibibyteCount)")
    }

    static let createLog = """
        CREATE TABLE log (
            position INTEGER PRIMARY KEY,
            before INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            checksum INTEGER NOT NULL,
            key BLOB NOT NULL,
            value BLOB NOT NULL
        );
        """

    static let createMarks = """
        CREATE TABLE IF NOT EXISTS marks (
            revision INTEGER PRIMARY KEY, time INTEGER NOT NULL, written INTEGER NOT NULL
        );
        """

    private static let createSaved = """
        CREATE TABLE IF NOT EXISTS saved (
            part INTEGER PRIMARY KEY, checksum INTEGER NOT NULL, data BLOB NOT NULL
        );
        """

    /// What every connection that only reads is told first.
    static func prepareReader(_ connection: Connection) throws(SQLiteFailure) {
        try connection.execute("PRAGMA query_only = ON")
        try connection.execute("PRAGMA cache_size = -\(Limits.pageCacheKibibyteCount)")
    }

    private static func create(_ connection: Connection) throws(SQLiteFailure) {
        try connection.execute(
            """
            BEGIN IMMEDIATE;
            PRAGMA application_id = \(applicationID);
            PRAGMA user_version = \(formatVersion);
            \(createLog)
            \(createMarks)
            \(createSaved)
            CREATE TABLE meta (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
            INSERT INTO meta VALUES ('identity', '\(StoreIdentity.random().name)');
            INSERT INTO meta VALUES ('compacted', 0), ('swept', 0), ('recoveries', 0);
            COMMIT
            """)
    }

    private static func check(_ connection: Connection) throws(StorageError) {
        let found: (application: Int64?, format: Int64?)
        do throws(SQLiteFailure) {
            found.application = try connection.integer("PRAGMA application_id")
            found.format = try connection.integer("PRAGMA user_version")
        } catch {
            throw error.whileReading
        }
        guard found.application == applicationID else {
            throw .unavailable(reason: "\(connection.path) belongs to another program")
        }
        guard found.format == formatVersion else {
            throw .unavailable(
                reason: "\(connection.path) has format \(found.format ?? 0); "
                    + "this program reads format \(formatVersion)")
        }
    }
}
