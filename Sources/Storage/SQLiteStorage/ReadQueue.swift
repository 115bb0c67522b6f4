import Dispatch
import SQLite
import Storage

/// A connection that only reads, and its queue.
final class ReadQueue: @unchecked Sendable {
    // Reason: `reader` is touched on `queue` only, which the connection asserts.
    private let queue: DispatchQueue
    private var reader: LogReader?

    init(path: String, label: String, isSparse: Bool = false) async throws(StorageError) {
        queue = DispatchQueue(label: label)
        try await queue.run { () throws(StorageError) in
            do throws(SQLiteFailure) {
                let connection = try Connection(path: path, queue: self.queue)
                try LogFile.prepareReader(connection)
                self.reader = try LogReader(connection, isSparse: isSparse)
            } catch {
                throw error.whileReading
            }
        }
    }

    func run<Value: Sendable>(
        _ body: @escaping @Sendable (LogReader) throws(StorageError) -> Value
    ) async throws(StorageError) -> Value {
        try await queue.run { () throws(StorageError) in
            guard let reader = self.reader else { throw .closed }
            return try body(reader)
        }
    }

    /// Closes the connection once the reads before are done.
    func close() async {
        try? await queue.run { () throws(StorageError) in self.reader = nil }
    }
}
