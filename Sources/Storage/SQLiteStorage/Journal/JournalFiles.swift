// The journal's place in its directory: how a file is made anew, and how one is set aside.

import Glibc
import Storage

/// The names that belong to a journal: SQLite puts two files beside the one that it is given.
enum JournalFiles {
    private static let suffixes = ["", "-wal", "-shm"]
    /// How many journals that were not believed are kept to be looked at, the newest as 1.
    static let brokenCountMax = 3

    static func brokenPath(_ path: String, _ number: Int) -> String { "\(path).broken-\(number)" }

    /// Removes the journal.
    static func remove(_ path: String) throws(StorageError) {
        // The log of changes first: alone, it says nothing.
        for suffix in suffixes.reversed() where unlink(path + suffix) != 0 && errno != ENOENT {
            throw systemError(path + suffix, "cannot be removed")
        }
    }

    /// Where a journal is made before it takes its place.
    static func newPath(_ path: String) -> String { "\(path).new" }

    /// Puts a new journal, which is closed, in the place of the old one.
    static func install(_ path: String) throws(StorageError) {
        try remove(path)
        try move(newPath(path), to: path)
        try syncDirectory(of: path)
    }

    /// Renames the journal, so that a new one can take its place.
    /// - Returns: its new name.
    static func setAside(_ path: String) throws(StorageError) -> String {
        try remove(brokenPath(path, brokenCountMax))
        for number in (1..<brokenCountMax).reversed() {
            try move(brokenPath(path, number), to: brokenPath(path, number + 1))
        }
        let target = brokenPath(path, 1)
        try move(path, to: target)
        return target
    }

    private static func move(_ path: String, to target: String) throws(StorageError) {
        for suffix in suffixes where rename(path + suffix, target + suffix) != 0 && errno != ENOENT
        {
            throw systemError(path + suffix, "cannot be renamed")
        }
    }
}
