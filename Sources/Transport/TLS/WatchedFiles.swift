// Files whose changes are noticed.

import Buffers
import Crypto
import EventLoops
import Glibc

/// Files that are read again when they have changed.
struct WatchedFiles {
    private let paths: [String]
    private var marks: [FileMark?]
    private var checked: LoopTime

    init(_ paths: [String], now: LoopTime) {
        self.paths = paths
        // Before reading: what changes meanwhile is found the next time.
        marks = paths.map { FileMark($0) }
        checked = now
    }

    /// Whether a file has changed since the last call. Looks at the files at most once a second.
    mutating func haveChanged(now: LoopTime) -> Bool {
        guard now.nanoseconds - checked.nanoseconds >= Limits.fileCheckNanoseconds else {
            return false
        }
        checked = now
        let present = paths.map { FileMark($0) }
        guard present != marks else { return false }
        marks = present
        return true
    }

    /// All of a file.
    /// - Throws: `TLSSetupError` when it cannot be read or is larger than anything in PEM.
    static func contents(of path: String) throws(TLSSetupError) -> Bytes {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path) }
        defer { close(descriptor) }
        var buffer = ByteBuffer(reserving: 16 * 1024)
        while true {
            let room = TLSLimits.pemByteCountMax - buffer.count
            guard room > 0 else { throw TLSSetupError("\(path): it is too large") }
            let count = buffer.appendUninitialized(min(room, 16 * 1024)) {
                max(read(descriptor, $0.baseAddress, $0.count), 0)
            }
            if count == 0 { return buffer.freeze() }
        }
    }

    private static func unreadable(_ path: String) -> TLSSetupError {
        TLSSetupError("\(path): it cannot be read: \(String(cString: strerror(errno)))")
    }
}

/// What tells one content of a file from another, without reading it.
private struct FileMark: Equatable {
    let inode: UInt64
    let byteCount: Int64
    let modified: Int64
    let changed: Int64

    /// Nil when there is no file.
    init?(_ path: String) {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return nil }
        inode = UInt64(facts.st_ino)
        byteCount = Int64(facts.st_size)
        modified = Int64(facts.st_mtim.tv_sec) * 1_000_000_000 + Int64(facts.st_mtim.tv_nsec)
        changed = Int64(facts.st_ctim.tv_sec) * 1_000_000_000 + Int64(facts.st_ctim.tv_nsec)
    }
}
