// How compaction removes rows: in steps, between the groups of the writer.

import Buffers
import Dispatch
import SQLite
import Storage

/// Follows the log and removes what each event superseded. Belongs to the writer's queue.
///
/// Looking at an event at or before the compacted revision, the row that it replaced is needed by
/// no reader any more, and neither is the event's own row when it is a deletion.
struct Sweeper {
    /// Whether there is more to do, and how long this step took.
    enum Progress {
        case more(after: Duration)
        case done
    }

    private var rowsBetween: Statement?
    /// Everything up to here has been swept.
    private(set) var swept: Position
    /// How many rows the next step looks at.
    private var rowCountMax = Limits.sweepRowCounts.lowerBound

    init(_ connection: Connection, after swept: Position) throws(SQLiteFailure) {
        self.swept = swept
        rowsBetween = try connection.prepare(
            "SELECT position, before, kind, key FROM log WHERE position > ? AND position <= ? "
                + "ORDER BY position LIMIT ?")
    }

    private struct Step {
        var last: Position
        var rowCount = 0
        var superseded: [Position] = []
        var deletions: [(key: Key, position: Position)] = []
    }

    /// Removes what a bounded number of events up to `bound` superseded, in one commit of the file.
    mutating func step(
        through bound: Revision, _ writer: LogWriter, _ log: SharedLog
    ) throws(SQLiteFailure) -> Progress {
        let clock = ContinuousClock()
        let start = clock.now
        let wanted = rowCountMax
        let step = try look(through: bound)
        if !step.superseded.isEmpty || !step.deletions.isEmpty {
            do throws(SQLiteFailure) {
                try writer.beginTransaction()
                for position in step.superseded { try writer.delete(position) }
                for (_, position) in step.deletions { try writer.delete(position) }
                try writer.set(.swept, to: step.last.rawValue)
                try writer.commit()
            } catch {
                // Also when it was made after all: removing a row again does nothing.
                writer.rollback()
                throw error
            }
            let deletions = step.deletions
            log.update { $0.forget(deletions) }
        }
        swept = step.last
        let duration = clock.now - start
        adapt(to: duration)
        return step.rowCount == wanted ? .more(after: duration) : .done
    }

    /// Makes the next step last about as long as it should.
    private mutating func adapt(to duration: Duration) {
        let counts = Limits.sweepRowCounts
        if duration > Limits.sweepDuration {
            rowCountMax = max(rowCountMax / 2, counts.lowerBound)
        } else if duration < Limits.sweepDuration / 2 {
            rowCountMax = min(rowCountMax * 2, counts.upperBound)
        }
    }

    mutating func close() { rowsBetween = nil }

    private func look(through bound: Revision) throws(SQLiteFailure) -> Step {
        var step = Step(last: swept)
        guard let rowsBetween else { return step }
        rowsBetween.bind(swept.rawValue, at: 1)
        rowsBetween.bind(Position.end(of: bound).rawValue, at: 2)
        rowsBetween.bind(Int64(rowCountMax), at: 3)
        defer { rowsBetween.reset() }
        while try rowsBetween.step() {
            step.last = Position(rawValue: rowsBetween.integer(0))
            step.rowCount += 1
            let kind = LogRow.Kind(rawValue: rowsBetween.integer(2))
            // What a created item follows is a deletion, and that has been swept as such.
            if kind != .created {
                step.superseded.append(Position(rawValue: rowsBetween.integer(1)))
            }
            if kind == .deleted {
                step.deletions.append((Key(rowsBetween.bytes(3)), step.last))
            }
        }
        return step
    }
}

extension OpenLog {
    /// Makes it durable that positions before `revision` are gone, and refuses them from then on.
    func markCompacted(before revision: Revision) async throws(StorageError) {
        try await queue.run { () throws(StorageError) in
            try self.setCompacted(before: revision)
        }
    }

    /// The same, on the writer's queue.
    func setCompacted(before revision: Revision) throws(StorageError) {
        let (compacted, current) = try log.read { (state) throws(StorageError) in
            (state.compacted, state.current)
        }
        guard let file else { throw .closed }
        guard revision <= current else { throw .future(requested: revision, current: current) }
        guard revision > compacted else { return }
        do throws(SQLiteFailure) {
            try file.writer.beginTransaction()
            try file.writer.set(.compacted, to: Int64(revision.rawValue))
            try file.writer.deleteMarks(before: revision)
            try windowMoves(to: revision, file)
            try file.writer.commit()
        } catch {
            file.writer.rollback()
            throw error.whileReading
        }
        window?.forget(before: revision)
        noteExtent()
        log.update { $0.compact(before: revision) }
    }

    /// Sweeps on, as far as readers allow now. What they hold up is swept when they leave.
    func sweep() async throws(StorageError) {
        while case .more = try await queue.run({ () throws(StorageError) in
            try self.sweepStep()
        }) {}
    }

    /// Sweeps on without anybody waiting for it. What fails here fails again, and is told, at the
    /// next compaction.
    func sweepInBackground() {
        queue.async {
            // The steps under way go as far as is allowed by then.
            guard !self.isSweeping else { return }
            self.isSweeping = true
            self.sweepOn(after: .zero)
        }
    }

    private func sweepOn(after pause: Duration) {
        let microseconds = Int(pause / .microseconds(1))
        queue.asyncAfter(deadline: .now() + .microseconds(microseconds)) {
            guard case .more(let duration)? = try? self.sweepStep() else {
                self.isSweeping = false
                return
            }
            self.sweepOn(after: duration * Limits.sweepPauseFactor)
        }
    }

    private func sweepStep() throws(StorageError) -> Sweeper.Progress {
        guard let file else { throw .closed }
        let bound = log.update { state in
            if state.sweepBound < state.compacted { state.awaitUnpin() }
            return state.sweepBound
        }
        do {
            defer { fileHasGrown() }
            return try sweeper.step(through: bound, file.writer, log)
        } catch {
            throw error.whileReading
        }
    }
}
