// The writer of the journal: appends what has been delivered, a group at a time.

import Buffers
import Dispatch
import SQLite
import Storage

/// Appends to the journal, in order and without a gap.
final class JournalWriter: OpenLog, @unchecked Sendable {
    // Reason: all variables are touched on `queue` only, which the connection asserts.

    private let identity: StoreIdentity
    private var statements: JournalStatements?
    /// The journal's last run; `nil` when it has to be looked up in the file.
    private var last: JournalRun?
    /// What a commit of unknown outcome was to write: what became of it has to be found out first.
    private var doubtful: Plan?

    private struct Plan {
        let journal: JournalPlan
        let mark: Mark?
    }

    /// - Parameter connection: one that belongs to `queue`.
    init(
        _ connection: Connection, on queue: DispatchQueue, loaded: LoadedJournal,
        _ surroundings: Surroundings
    ) throws(SQLiteFailure) {
        identity = loaded.identity
        statements = try JournalStatements(connection, of: loaded.identity)
        last = loaded.last
        try super.init(connection, on: queue, loaded: loaded, surroundings)
    }

    func close() async {
        try? await queue.run { () throws(StorageError) in self.closeFile() }
    }

    override func closeFile() {
        statements = nil
        super.closeFile()
    }

    /// Appends what of `entries` is not there yet, as a whole or not at all.
    /// - Returns: where the journal ends now.
    /// - Precondition: they go on from where the journal ends, or before.
    func append(_ entries: [Tail.Entry]) async throws(StorageError) -> Revision {
        try await queue.run { () throws(StorageError) in
            do throws(SQLiteFailure) {
                try self.settle()
                try self.write(entries)
            } catch {
                throw error.whileWriting(entries.first?.events.first?.key ?? Key(Bytes.empty))
            }
            return self.log.update { $0.current }
        }
    }

    private func write(_ entries: [Tail.Entry]) throws(SQLiteFailure) {
        guard let file, let statements else { throw .closed }
        var plan = JournalPlan(extending: try lastRun(statements))
        let known = JournalPlan.Known(
            latest: { [log] key in log.update { $0.index[key] } },
            checksum: { (position) throws(SQLiteFailure) in
                try statements.checksum(at: position)
            })
        for entry in entries { try plan.add(entry, known) }
        guard !plan.batches.isEmpty else { return }
        let mark: Mark?
        do throws(SQLiteFailure) {
            try file.writer.beginTransaction()
            for row in plan.rows { try file.writer.insert(row) }
            for run in plan.runs { try statements.put(run) }
            mark = try writeMark(
                at: plan.through, adding: Self.byteCount(of: plan.rows), file)
        } catch {
            file.writer.rollback()
            throw error
        }
        try commit(Plan(journal: plan, mark: mark), file)
    }

    private func commit(_ plan: Plan, _ file: OpenFile) throws(SQLiteFailure) {
        do throws(SQLiteFailure) {
            try commitFile(file.writer)
        } catch {
            file.writer.rollback()
            if !error.isCertainlyUndone { doubtful = plan }
            throw error
        }
        publish(plan)
    }

    private func publish(_ plan: Plan) {
        last = plan.journal.last
        log.publish(plan.journal.batches)
        note(Self.byteCount(of: plan.journal.rows), plan.mark)
    }

    /// Ends the doubt about the last commit. A new commit is made first: it comes after the one in
    /// doubt, or overwrites its remains in the write-ahead log.
    private func settle() throws(SQLiteFailure) {
        guard let doubtful else { return }
        guard let file, let statements else { throw .closed }
        if isFaulty(.recovery) { throw .injected }
        do throws(SQLiteFailure) {
            try file.writer.beginTransaction()
            try file.writer.countRecovery()
            try file.writer.commit()
        } catch {
            file.writer.rollback()
            throw error
        }
        if try statements.run(at: .newest)?.through == doubtful.journal.through {
            publish(doubtful)
        }
        self.doubtful = nil
    }

    private func lastRun(_ statements: JournalStatements) throws(SQLiteFailure) -> JournalRun {
        if let last { return last }
        guard let run = try statements.run(at: .newest) else {
            throw SQLiteFailure(.corrupt, description: "the journal's runs are gone")
        }
        last = run
        return run
    }

    // MARK: The window

    /// Cuts the runs where the window begins.
    override func windowMoves(to revision: Revision, _ file: OpenFile) throws(SQLiteFailure) {
        guard let statements else { throw .closed }
        // A commit in doubt may have moved the end; the window can wait for it.
        if doubtful != nil { throw .inDoubt }
        guard let cut = try statements.run(at: revision) else { return }
        let rest = try statements.rows(after: revision, through: cut.through)
        let run = JournalRun(
            after: revision, through: cut.through, rows: rest,
            items: (cut.itemCount, cut.itemSum), isDerived: cut.isDerived)
        try statements.deleteRuns(before: revision)
        try statements.put(run)
        // It may be the one that was cut.
        last = nil
    }
}

extension SQLiteFailure {
    fileprivate static let closed = SQLiteFailure(
        .misuse, description: "the journal is closed")
    fileprivate static let inDoubt = SQLiteFailure(
        .busy, description: "the last commit is in doubt")
}

extension Revision {
    /// Past every revision that a position has room for.
    static let newest = Revision(1 << 46)
}
