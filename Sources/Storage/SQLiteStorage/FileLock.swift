// Who may open the file, and how it comes to exist.

import Storage

#if canImport(Glibc)
    import Glibc
#endif

/// The right to be the one process, and the one store in it, that has a file open. Ends with the
/// object.
///
/// The lock is on a file beside it: SQLite's own locks on the file would be lost when another
/// descriptor of it is closed (https://www.sqlite.org/howtocorrupt.html, section 2.2).
final class FileLock: Sendable {
    private let descriptor: CInt

    private init(takingOwnership descriptor: CInt) { self.descriptor = descriptor }

    /// - Throws: `unavailable`, naming the file, and the process that holds it.
    static func acquire(of path: String) throws(StorageError) -> FileLock {
        let lockPath = path + ".lock"
        let lock = FileLock(takingOwnership: try openFile(lockPath, O_RDWR | O_CREAT))
        guard flock(lock.descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = holder(lock.descriptor)
            throw .unavailable(
                reason: "\(path) is open in process \(holder) (\(lockPath) is locked)")
        }
        let holder = Array("\(getpid())\n".utf8)
        // The number is for people; the lock does not depend on it.
        if ftruncate(lock.descriptor, 0) == 0 {
            _ = pwrite(lock.descriptor, holder, holder.count, 0)
        }
        return lock
    }

    deinit {
        // Closing alone is not enough: a child that is just being spawned shares the lock until it
        // runs its program.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    private static func holder(_ descriptor: CInt) -> String {
        var digits = [UInt8](repeating: 0, count: 20)
        let count = pread(descriptor, &digits, digits.count, 0)
        let number = digits.prefix(max(count, 0)).prefix { (48...57).contains($0) }
        return number.isEmpty ? "another" : String(decoding: number, as: UTF8.self)
    }
}

/// Makes sure that `path` exists, readable for its owner only: objects may hold secrets. SQLite
/// gives the same mode to the files that it puts beside it.
func createFile(_ path: String) throws(StorageError) {
    close(try openFile(path, O_RDWR | O_CREAT))
}

/// The bytes of the file at `path` and of its write-ahead log; `nil` when it cannot be looked at.
/// The files are not opened: closing one would give up SQLite's locks on it.
func fileByteCount(at path: String) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    let main = Int(status.st_size)
    return stat(path + "-wal", &status) == 0 ? main + Int(status.st_size) : main
}

func fileExists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// Makes the names in the directory of `path` durable.
func syncDirectory(of path: String) throws(StorageError) {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let descriptor = try openFile(directory, O_RDONLY | O_DIRECTORY)
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw systemError(directory, "cannot be made durable") }
}

private func openFile(_ path: String, _ flags: CInt) throws(StorageError) -> CInt {
    let descriptor = open(path, flags | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw systemError(path, "cannot be opened") }
    return descriptor
}

func systemError(_ path: String, _ what: String) -> StorageError {
    let number = errno
    return .unavailable(
        reason: "\(path) \(what): \(String(cString: strerror(number))) (errno \(number))")
}
