// The owners of SQLite's C objects. Each connection, with its statements, belongs to one queue.

import Buffers
import CSQLite
import Dispatch
import Glibc

/// An open connection to one file.
public final class Connection {
    public let path: String
    private let handle: OpaquePointer
    private let queue: DispatchQueue

    /// Opens `path`, which must exist, and gives the connection to `queue`.
    /// - Throws: `SQLiteFailure` for what SQLite refuses.
    public init(path: String, queue: DispatchQueue) throws(SQLiteFailure) {
        var opened: OpaquePointer?
        // NOMUTEX: the queue is the one user, which `assertQueue` checks.
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let code = sqlite3_open_v2(path, &opened, flags, nil)
        guard let opened else {
            throw SQLiteFailure(.outOfMemory, description: "\(path): no memory to open it")
        }
        self.path = path
        self.queue = queue
        handle = opened
        guard code == SQLITE_OK else { throw failure(code) }
    }

    deinit { sqlite3_close_v2(handle) }

    public func assertQueue() { dispatchPrecondition(condition: .onQueue(queue)) }

    public var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    public func execute(_ sql: String) throws(SQLiteFailure) {
        assertQueue()
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(code) }
    }

    public func prepare(_ sql: String) throws(SQLiteFailure) -> Statement {
        assertQueue()
        var prepared: OpaquePointer?
        let code = sqlite3_prepare_v3(
            handle, sql, -1, CUnsignedInt(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK, let prepared else { throw failure(code) }
        return Statement(takingOwnership: prepared, of: self)
    }

    /// The one integer of the one row that `sql` yields; `nil` when there is none.
    public func integer(_ sql: String) throws(SQLiteFailure) -> Int64? {
        let statement = try prepare(sql)
        return try statement.step() ? statement.integer(0) : nil
    }

    /// The one text of the one row that `sql` yields; empty when there is none.
    public func text(_ sql: String) throws(SQLiteFailure) -> String {
        let statement = try prepare(sql)
        return try statement.step() ? String(statement.bytes(0)) : ""
    }

    // MARK: The write-ahead log

    /// How many pages the log had after the last commit; 0 unless `takeOverLog` was called.
    public private(set) var logPageCount = 0

    /// From here on SQLite does not copy the log by itself, in a commit that happens to make it
    /// long.
    public func takeOverLog() {
        assertQueue()
        // The connection is closed before this object's memory is freed.
        let context = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_wal_hook(
            handle,
            { context, _, _, pageCount in
                guard let context else { return SQLITE_OK }
                let connection = Unmanaged<Connection>.fromOpaque(context)
                connection.takeUnretainedValue().logPageCount = Int(pageCount)
                return SQLITE_OK
            }, context)
    }

    /// Copies as much of the log into the file as readers allow, and waits for nobody.
    public func copyLog() throws(SQLiteFailure) -> (pageCount: Int, copiedPageCount: Int) {
        assertQueue()
        var (pageCount, copied): (CInt, CInt) = (0, 0)
        let code = sqlite3_wal_checkpoint_v2(
            handle, nil, SQLITE_CHECKPOINT_PASSIVE, &pageCount, &copied)
        guard code == SQLITE_OK else { throw failure(code) }
        return (Int(pageCount), Int(copied))
    }

    /// Keeps the file from growing past so many bytes; `nil` leaves it to the disk.
    public func limitSize(to byteCountMax: Int?) throws(SQLiteFailure) {
        guard let byteCountMax else { return }
        let pageSize = try integer("PRAGMA page_size") ?? 4_096
        try execute("PRAGMA max_page_count = \(max(1, Int64(byteCountMax) / pageSize))")
    }

    /// What went wrong, with the file's name and the system's error number.
    func failure(_ code: CInt) -> SQLiteFailure {
        var text = "\(path): \(String(cString: sqlite3_errmsg(handle))) (SQLite code \(code)"
        let number = sqlite3_system_errno(handle)
        let isSystem = [SQLITE_IOERR, SQLITE_FULL, SQLITE_CANTOPEN].contains(code & 0xff)
        if isSystem, number != 0 {
            text += ", errno \(number): \(String(cString: strerror(number)))"
        }
        return SQLiteFailure(SQLiteCode(rawValue: code & 0xff), description: text + ")")
    }
}
