// How the window moves on: with the groups of the writer, and in steps between them.

import Buffers
import Dispatch
import SQLite
import Storage
import Synchronization

extension OpenLog {
    /// The mark that goes with a group, written into its transaction of the file.
    func writeMark(
        at revision: Revision, adding byteCount: Int, _ file: OpenFile
    ) throws(SQLiteFailure) -> Mark? {
        guard let window else { return nil }
        let mark = window.mark(at: revision, adding: byteCount, time: wallTime())
        if let mark { try file.writer.insert(mark) }
        return mark
    }

    /// Notes what a group has added to the window.
    func note(_ byteCount: Int, _ mark: Mark?) {
        guard window != nil else { return }
        window?.note(byteCount, mark)
        noteExtent()
        if mark != nil { trimInBackground() }
    }

    /// What the log at `path` measures. May be called on any thread.
    func figures(at path: String) -> LogFigures {
        let extent = extent.withLock { $0 }
        let age = extent.oldestTime.map { max(0, wallTime() - $0) } ?? 0
        return LogFigures(
            byteCount: extent.byteCount, fileByteCount: fileByteCount(at: path),
            age: .milliseconds(age), lastWritten: log.update { $0.current })
    }

    /// Lets readers on other threads see how large the window is.
    func noteExtent() {
        guard let window else { return }
        extent.withLock { $0 = window.extent }
    }

    /// Moves the window on without anybody waiting for it. What fails is tried again at the next
    /// mark.
    func trimInBackground() {
        queue.async {
            guard let start = self.window?.start(at: self.wallTime()) else { return }
            guard start > self.log.compacted else { return }
            do throws(StorageError) {
                try self.setCompacted(before: start)
                self.sweepInBackground()
            } catch {}
        }
    }
}
