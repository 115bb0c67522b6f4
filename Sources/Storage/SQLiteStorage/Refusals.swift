// SQLite's refusals in the words of the storage contract, and its queues.

import Dispatch
import SQLite
import Storage

extension SQLiteFailure {
    /// What a reader is told.
    var whileReading: StorageError {
        isCorruption ? .corrupted(reason: description) : .unavailable(reason: description)
    }

    /// What a writer is told when nothing was changed.
    func whileWriting(_ key: Key) -> StorageError {
        isCorruption ? .corrupted(reason: description) : .notWritable(key, reason: description)
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
