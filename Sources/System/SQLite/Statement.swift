// A prepared statement.

import Buffers
import CSQLite

/// A prepared statement, used again and again.
public final class Statement {
    private let handle: OpaquePointer
    private let connection: Connection

    init(takingOwnership handle: OpaquePointer, of connection: Connection) {
        self.handle = handle
        self.connection = connection
    }

    deinit { sqlite3_finalize(handle) }

    public func bind(_ value: Int64, at index: CInt) {
        check(sqlite3_bind_int64(handle, index, value))
    }

    /// Binds bytes that stay in place until `reset`.
    public func bind(_ bytes: UnsafeRawBufferPointer, at index: CInt) {
        // A null pointer would bind NULL, which is not the same as no bytes.
        guard let base = bytes.baseAddress, bytes.count > 0 else {
            return check(sqlite3_bind_zeroblob(handle, index, 0))
        }
        check(sqlite3_bind_blob64(handle, index, base, UInt64(bytes.count), nil))
    }

    /// Goes on to the next row; `false` is the end.
    public func step() throws(SQLiteFailure) -> Bool {
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
    public func reset() { sqlite3_reset(handle) }

    public func integer(_ column: CInt) -> Int64 { sqlite3_column_int64(handle, column) }

    /// The size of the column's bytes.
    public func byteCount(_ column: CInt) -> Int { Int(sqlite3_column_bytes(handle, column)) }

    /// The column's bytes where SQLite has them: until the next step, reset, or other access.
    public func inPlace<Value>(_ column: CInt, _ body: (UnsafeRawBufferPointer) -> Value) -> Value {
        let start = sqlite3_column_blob(handle, column)
        let count = Int(sqlite3_column_bytes(handle, column))
        return body(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// A copy of the column's bytes.
    public func bytes(_ column: CInt) -> Bytes {
        let start = sqlite3_column_blob(handle, column)
        let count = Int(sqlite3_column_bytes(handle, column))
        return Bytes(copying: UnsafeRawBufferPointer(start: start, count: count))
    }

    /// Copies of two columns' bytes, which share one allocation.
    public func bytes(_ first: CInt, and second: CInt) -> (Bytes, Bytes) {
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
