// SQLite's refusals in the words of the storage contract.

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
