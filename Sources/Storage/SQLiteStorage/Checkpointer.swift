// Copying the write-ahead log into the file, beside the writer.

import Dispatch
import SQLite
import Storage

/// A connection of its own on which the log is copied while the writer goes on. Copying holds up
/// nobody by itself (https://www.sqlite.org/wal.html, section 2.3), but a log that is being written
/// all the time is never copied to its end, and so grows: see `Writer.copyLogIfLong`.
final class Checkpointer: @unchecked Sendable {
    // Reason: `connection` is touched on `queue` only, which the connection asserts.
    private let queue = DispatchQueue(label: "store-checkpoints", qos: .utility)
    private var connection: Connection?
    private let path: String

    init(path: String) { self.path = path }

    /// Copies what is in the log now, and then calls `done` with how many pages of it have been
    /// copied by now; with `nil` when nothing could be.
    func copy(_ done: @escaping @Sendable (Int?) -> Void) {
        queue.async {
            done(try? self.open().copyLog().copiedPageCount)
        }
    }

    private func open() throws(SQLiteFailure) -> Connection {
        if let connection { return connection }
        let opened = try Connection(path: path, queue: queue)
        // The log's pages are to be durable in the file before the log is written anew.
        try opened.execute("PRAGMA synchronous = FULL")
        connection = opened
        return opened
    }

    /// Closes the connection once the copying under way is done.
    func close() async {
        try? await queue.run { () throws(StorageError) in self.connection = nil }
    }
}

/// How far the log has been copied, as the writer knows it.
struct LogProgress {
    /// Pages at the log's beginning that are in the file.
    private(set) var copiedPageCount = 0
    private(set) var pageCount = 0
    /// Whether the `Checkpointer` is at it.
    private(set) var isCopying = false

    enum Step { case copyBeside, copyHere, nothing }

    /// What to do when the log has so many pages after a commit.
    mutating func note(pageCount: Int) -> Step {
        // A log that was copied to its end is written anew from its beginning.
        if pageCount < self.pageCount { copiedPageCount = 0 }
        self.pageCount = pageCount
        guard !isCopying, pageCount - copiedPageCount >= Limits.checkpointPageCount else {
            return .nothing
        }
        isCopying = true
        return .copyBeside
    }

    /// What to do when copying beside the writer has come to its end.
    mutating func noteCopied(_ count: Int?) -> Step {
        isCopying = false
        if let count { copiedPageCount = min(count, pageCount) }
        return pageCount >= Limits.logPageCountMax ? .copyHere : .nothing
    }
}

extension Writer {
    /// Has the log copied when it has become long. When it stays long, because commits come all the
    /// time, its last pages are copied between two of them, so that it begins anew.
    func copyLogIfLong() {
        guard let file else { return }
        let pageCount = file.writer.connection.logPageCount
        guard case .copyBeside = logProgress.note(pageCount: pageCount) else { return }
        checkpointer.copy { copied in
            self.queue.async { self.finishCopying(copied) }
        }
    }

    private func finishCopying(_ copied: Int?) {
        guard case .copyHere = logProgress.noteCopied(copied), let file else { return }
        // What fails is tried again when the log has grown by as much once more.
        guard let result = try? file.writer.connection.copyLog() else { return }
        _ = logProgress.noteCopied(result.copiedPageCount)
    }
}
