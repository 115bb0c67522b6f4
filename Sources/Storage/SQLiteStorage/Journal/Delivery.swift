// What the follower delivers, the writer writes and the watchers read.

import Buffers
import Storage
import Synchronization

/// The journal, and the delivered events that it may not have yet.
final class Delivery: Sendable {
    /// Why the journal has to be made anew.
    enum Rebuild: Sendable {
        /// Events between its end and what is in memory are gone.
        case lost
        case damaged(String)
        case diverged(Divergence)
    }

    /// What the writer is to do.
    enum Work: Sendable {
        case write(Journal, [Tail.Entry])
        case rebuild(Rebuild, Journal)
        case wait
        case end
    }

    /// Where a watcher finds the events after its position.
    enum Outlook: Sendable {
        case batch(EventBatch)
        case journal(Journal)
        case store
        case wait(CommitSignal)
        case ahead(CommitSignal)
    }

    /// Somebody who waits until the journal has everything up to `revision`.
    private struct Flush {
        let revision: Revision
        let wake: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var journal: Journal
        var pending: Pending
        var signal: CommitSignal
        /// How often all positions have become void.
        var epoch = 0
        var rebuild: Rebuild?
        var isFailing = false
        var isClosed = false
        /// Stretches whose events were derived.
        var stretches: [(after: Revision, through: Revision)]
        var flushes: [Flush] = []
        var counts = JournalFigures()

        /// Those who have what they wait for, once the journal ends at `revision`.
        mutating func takeFlushes(through revision: Revision) -> [Flush] {
            defer { flushes.removeAll { $0.revision <= revision } }
            return flushes.filter { $0.revision <= revision }
        }

        mutating func noteDerived(through end: Revision) {
            stretches.append((pending.end, end))
            guard stretches.count > Limits.stretchCountMax else { return }
            // What lies between the two is refused as well.
            stretches[1].after = stretches[0].after
            stretches.removeFirst()
        }
    }

    /// Wakes the writer.
    let work = Wakeup()
    /// Wakes the follower that waits for a rebuilt journal.
    let rebuilt = Wakeup()
    private let now: @Sendable () -> Duration
    private let pendingByteCountMax: Int
    private let state: Mutex<State>

    init(_ journal: Journal, surroundings: JournalSurroundings) {
        now = surroundings.now
        pendingByteCountMax = surroundings.pendingByteCountMax
        let current = journal.log.update { $0.current }
        state = Mutex(
            State(
                journal: journal,
                pending: Pending(after: current, byteCountMax: pendingByteCountMax),
                signal: CommitSignal(at: current),
                stretches: journal.derived.map { ($0.after, $0.through) }))
    }

    var journal: Journal { state.withLock { $0.journal } }
    var epoch: Int { state.withLock { $0.epoch } }
    var signal: CommitSignal { state.withLock { $0.signal } }
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Everything up to here has been delivered.
    var position: Revision { state.withLock { $0.pending.end } }

    func checkOpen() throws(StorageError) { if isClosed { throw .closed } }

    func count(_ body: (inout JournalFigures) -> Void) { state.withLock { body(&$0.counts) } }

    var figures: JournalFigures {
        let now = now()
        return state.withLock { state in
            var figures = state.counts
            let written = state.journal.writtenRevision
            figures.writtenRevision = written
            figures.deliveredRevision = state.pending.end
            let lag = state.pending.end.rawValue - min(written, state.pending.end).rawValue
            figures.lagRevisionCount = lag
            // What is written is pending for a moment more, until the writer says so.
            figures.lag = lag == 0 ? .zero : state.pending.lag(at: now)
            return figures
        }
    }

    // MARK: The follower

    /// Hands a batch to the watchers and to the writer.
    /// - Returns: whether this is more than memory keeps for a journal that cannot be written to.
    func deliver(_ batch: EventBatch, isDerived: Bool = false) -> Bool {
        let now = now()
        let (signal, isLost) = state.withLock { state in
            guard batch.through > state.pending.end else { return (state.signal, false) }
            let written = state.journal.writtenRevision
            let wasLost = state.pending.isLost(written: written)
            // Known before anybody can see the events.
            if isDerived { state.noteDerived(through: batch.through) }
            state.pending.append(batch, isDerived: isDerived, at: now)
            return (state.signal, !wasLost && state.pending.isLost(written: written))
        }
        signal.advance(to: batch.through)
        work.wake()
        return isLost
    }

    /// The items at the position of the follower.
    func latest() -> (KeyMap<Latest>, Revision) {
        let (pending, journal) = state.withLock { ($0.pending, $0.journal) }
        // Read after what is pending: what is written meanwhile is in both, and the same.
        return (pending.latest(over: journal.log.update { $0.index }), pending.end)
    }

    func requestRebuild(_ reason: Rebuild) {
        state.withLock { state in
            if case .diverged? = state.rebuild { return }
            state.rebuild = reason
        }
        work.wake()
    }

    // MARK: The writer

    var nextWork: Work {
        state.withLock { state in
            let written = state.journal.writtenRevision
            let entries = state.pending.group(after: written)
            let isLost = state.pending.isLost(written: written)
            if state.isClosed {
                return entries.isEmpty || isLost || state.rebuild != nil || state.isFailing
                    ? .end : .write(state.journal, entries)
            }
            if let reason = state.rebuild { return .rebuild(reason, state.journal) }
            if isLost { return .rebuild(.lost, state.journal) }
            return entries.isEmpty ? .wait : .write(state.journal, entries)
        }
    }

    /// Notes that the journal has everything up to `revision`.
    /// - Returns: whether it could not be written to before.
    func noteWritten(_ revision: Revision) -> Bool {
        let now = now()
        let (woken, wasFailing) = state.withLock { state in
            state.pending.drop(through: revision, at: now)
            defer { state.isFailing = false }
            return (state.takeFlushes(through: revision), state.isFailing)
        }
        for flush in woken { flush.wake.resume(returning: true) }
        return wasFailing
    }

    func noteFailure() {
        state.withLock { $0.isFailing = true }
        endFlushes()
    }

    /// Puts a new journal in the place of the old one.
    /// - Parameter voidsPositions: whether the old one was of another store.
    func install(_ journal: Journal, voidsPositions: Bool) {
        let current = journal.writtenRevision
        var woken: [Flush] = []
        let old = state.withLock { state -> CommitSignal? in
            state.journal = journal
            state.rebuild = nil
            state.isFailing = false
            state.counts.rebuiltCount += 1
            // What the new journal has from the start is never written.
            woken = state.takeFlushes(through: current)
            guard voidsPositions else { return nil }
            state.epoch += 1
            state.stretches = []
            state.pending = Pending(after: current, byteCountMax: pendingByteCountMax)
            defer { state.signal = CommitSignal(at: current) }
            return state.signal
        }
        for flush in woken { flush.wake.resume(returning: true) }
        // Its watchers look again, and find that their positions are void.
        old?.close()
        rebuilt.wake()
    }

    private func endFlushes() {
        let woken = state.withLock { state in
            defer { state.flushes = [] }
            return state.flushes
        }
        for flush in woken { flush.wake.resume(returning: false) }
    }

    // MARK: Readers

    /// Whether the state at `position` is known.
    func isResumable(_ position: Revision) -> Bool {
        state.withLock { state in
            !state.stretches.contains { $0.after < position && position < $0.through }
        }
    }

    func outlook(
        after position: Revision, _ range: KeyRange, epoch: Int
    ) throws(StorageError) -> Outlook {
        try state.withLock { (state) throws(StorageError) in
            guard !state.isClosed else { throw .closed }
            guard epoch == state.epoch else {
                throw .future(requested: position, current: state.pending.end)
            }
            // What was compacted may still be pending for a moment; the journal refuses it.
            if position < state.journal.log.compacted { return .journal(state.journal) }
            let written = state.journal.writtenRevision
            switch state.pending.place(after: position, range, written: written) {
            case .here(let batch): return .batch(batch)
            case .written: return .journal(state.journal)
            case .lost: return .store
            case .nowhereYet: return .wait(state.signal)
            case .ahead: return .ahead(state.signal)
            }
        }
    }

    /// Waits until the journal has everything up to `revision`.
    /// - Returns: whether it has; false when it cannot be written to.
    func waitUntilWritten(_ revision: Revision) async -> Bool {
        await withCheckedContinuation { continuation in
            let isWritten: Bool? = state.withLock { state in
                if state.journal.writtenRevision >= revision { return true }
                let isEnding = state.isFailing || state.isClosed || state.rebuild != nil
                if isEnding || revision > state.pending.end { return false }
                state.flushes.append(Flush(revision: revision, wake: continuation))
                return nil
            }
            if let isWritten { continuation.resume(returning: isWritten) }
        }
    }

    /// Ends every wait; what is asked afterwards throws `closed`.
    func close() {
        let signal = state.withLock { state in
            state.isClosed = true
            return state.signal
        }
        signal.close()
        endFlushes()
        work.wake()
        rebuilt.wake()
    }
}

extension Journal {
    /// Everything up to here is in the file.
    var writtenRevision: Revision { log.update { $0.current } }
}
