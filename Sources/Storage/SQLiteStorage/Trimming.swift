// How the window moves on: with the groups of the writer, and in steps between them.

import Buffers
import Dispatch
import Storage
import Synchronization

extension Writer {
    /// The mark that goes with a group, written into its transaction of the file.
    func writeMark(
        for plan: GroupPlan, _ file: OpenFile
    ) throws(SQLiteFailure) -> Mark? {
        guard let window else { return nil }
        let mark = window.mark(
            at: plan.lastRevision, adding: Self.byteCount(of: plan.transactions),
            time: wallTime())
        if let mark { try file.writer.insert(mark) }
        return mark
    }

    /// Publishes transactions that are durable, and notes what they add to the window.
    func publish(_ transactions: [[LogRow]], _ mark: Mark?) {
        log.publish(transactions)
        saver.noteCommit(rowCount: transactions.reduce(0) { $0 + $1.count })
        guard window != nil else { return }
        window?.note(Self.byteCount(of: transactions), mark)
        noteExtent()
        guard mark != nil else { return }
        saveIndexIfDue()
        trimInBackground()
    }

    /// Begins at a mark, because the bytes after the last mark are counted in the rows after the
    /// saved index.
    private func saveIndexIfDue() {
        let (index, revision) = log.update { ($0.index, $0.current) }
        guard saver.isDue(keyCount: index.count) else { return }
        saver.begin(index, at: revision)
    }

    /// Lets readers on other threads see how large the window is.
    func noteExtent() {
        guard let window else { return }
        extent.withLock { $0 = window.extent }
    }

    private static func byteCount(of transactions: [[LogRow]]) -> Int {
        transactions.joined().reduce(0) { sum, row in
            sum + row.key.bytes.count + row.value.count
        }
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
