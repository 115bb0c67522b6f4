// The owners of SQLite's C objects. Each connection, with its statements, belongs to one queue.

import Buffers
import CSQLite
import Dispatch
import Storage

#if canImport(Glibc)
    import Glibc
#endif

/// What SQLite says when it refuses: https://www.sqlite.org/rescode.html
struct SQLiteFailure: Error, CustomStringConvertible {
    /// The primary result code.
    let code: CInt
    let description: String

    /// What a reader is told.
    var whileReading: StorageError {
        isCorruption ? .corrupted(reason: description) : .unavailable(reason: description)
    }

    /// What a writer is told when nothing was changed.
    func whileWriting(_ key: Key) -> StorageError {
        isCorruption ? .corrupted(reason: description) : .notWritable(key, reason: description)
    }

    private var isCorruption: Bool { code == SQLITE_CORRUPT || code == SQLITE_NOTADB }
}

/// An open connection to one file.
final class Connection {
    let path: String
    private let handle: OpaquePointer
    private let queue: DispatchQueue

    /// Opens `path` and gives the connection to `queue`.
    init(path: String, queue: DispatchQueue) throws(SQLiteFailure) {
        var opened: OpaquePointer?
        // NOMUTEX: the queue is the one user, which `assertQueue` checks.
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let code = sqlite3_open_v2(path, &opened, flags, nil)
        guard let opened else {
            throw SQLiteFailure(code: SQLITE_NOMEM, description: "\(path): no memory to open it")
        }
        self.path = path
        self.queue = queue
        handle = opened
        guard code == SQLITE_OK else { throw failure(code) }
    }

    deinit { sqlite3_close_v2(handle) }

    func assertQueue() { dispatchPrecondition(condition: .onQueue(queue)) }

    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    func execute(_ sql: String) throws(SQLiteFailure) {
        assertQueue()
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(code) }
    }

    func prepare(_ sql: String) throws(SQLiteFailure) -> Statement {
        assertQueue()
        var prepared: OpaquePointer?
        let code = sqlite3_prepare_v3(
            handle, sql, -1, CUnsignedInt(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK, let prepared else { throw failure(code) }
        return Statement(takingOwnership: prepared, of: self)
    }

    /// The one integer of the one row that `sql` yields; `nil` when there is none.
    func integer(_ sql: String) throws(SQLiteFailure) -> Int64? {
        let statement = try prepare(sql)
        return try statement.step() ? statement.integer(0) : nil
    }

    /// The one text of the one row that `sql` yields; empty when there is none.
    func text(_ sql: String) throws(SQLiteFailure) -> String {
        let statement = try prepare(sql)
        return try statement.step() ? String(statement.bytes(0)) : ""
    }

    // MARK: The write-ahead log

    /// How many pages the log had after the last commit; 0 unless `takeOverLog` was called.
    private(set) var logPageCount = 0

    /// From here on SQLite does not copy the log by itself, in a commit that happens to make it
    /// long.
    func takeOverLog() {
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
    func copyLog() throws(SQLiteFailure) -> (pageCount: Int, copiedPageCount: Int) {
        assertQueue()
        var (pageCount, copied): (CInt, CInt) = (0, 0)
        let code = sqlite3_wal_checkpoint_v2(
            handle, nil, SQLITE_CHECKPOINT_PASSIVE, &pageCount, &copied)
        guard code == SQLITE_OK else { throw failure(code) }
        return (Int(pageCount), Int(copied))
    }

    /// Keeps the file from growing past so many bytes; `nil` leaves it to the disk.
    func limitSize(to byteCountMax: Int?) throws(SQLiteFailure) {
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
        return SQLiteFailure(code: code & 0xff, description: text + ")")
    }
}

/// A prepared statement, used again and again.
final class Statement {
    private let handle: OpaquePointer
    private let connection: Connection

    fileprivate init(takingOwnership handle: OpaquePointer, of connection: Connection) {
        self.handle = handle
        self.connection = connection
    }

    deinit { sqlite3_finalize(handle) }

    func bind(_ value: Int64, at index: CInt) {
        check(sqlite3_bind_int64(handle, index, value))
    }

    /// Binds bytes that stay in place until `reset`.
    func bind(_ bytes: UnsafeRawBufferPointer, at index: CInt) {
        // A null pointer would bind NULL, which is not the same as no bytes.
        guard let base = bytes.baseAddress, bytes.count > 0 else {
            return check(sqlite3_bind_zeroblob(handle, index, 0))
        }
        check(sqlite3_bind_blob64(handle, index, base, UInt64(bytes.count), nil))
    }

    /// Goes on to the next row; `false` is the end.
    func step() throws(SQLiteFailure) -> Bool {
        connection.assertQueue()
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code:
            let failure = connection.failure(code)
            reset()
            throw failure
        }
    }

    /// Makes the statement ready for the next use and lets go of what it read.
    func reset() { sqlite3_reset(handle) }

    func integer(_ column: CInt) -> Int64 { sqlite3_column_int64(handle, column) }

    /// The size of the column's bytes.
    func byteCount(_ column: CInt) -> Int { Int(sqlite3_column_bytes(handle, column)) }

    /// The column's bytes where SQLite has them: until the next step, reset, or other access.
    func inPlace<Value>(_ column: CInt, _ body: (UnsafeRawBufferPointer) -> Value) -> Value {
        let start = sqlite3_column_blob(handle, column)
        let count = Int(sqlite3_column_bytes(handle, column))
        return body(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// A copy of the column's bytes.
    func bytes(_ column: CInt) -> Bytes {
        let start = sqlite3_column_blob(handle, column)
        let count = Int(sqlite3_column_bytes(handle, column))
        return Bytes(copying: UnsafeRawBufferPointer(start: start, count: count))
    }

    /// Copies of two columns' bytes, which share one allocation.
    func bytes(_ first: CInt, and second: CInt) -> (Bytes, Bytes) {
        let firstCount = byteCount(first)
        var buffer = ByteBuffer(reserving: firstCount + byteCount(second))
        inPlace(first) { buffer.append($0) }
        inPlace(second) { buffer.append($0) }
        let both = buffer.freeze()
        return (both[0..<firstCount], both.dropFirst(firstCount))
    }

    private func check(_ code: CInt) {
        precondition(code == SQLITE_OK, "binding failed with \(code)")
    }
}

extension DispatchQueue {
    /// Runs `body` on this queue and waits for it without holding a thread.
    func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws(StorageError) -> Value
    ) async throws(StorageError) -> Value {
        let result = await withCheckedContinuation { continuation in
            self.async {
                do throws(StorageError) {
                    continuation.resume(returning: Result<Value, StorageError>.success(try body()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }
}
