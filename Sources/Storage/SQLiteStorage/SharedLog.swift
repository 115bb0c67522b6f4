import Storage
import Synchronization

/// What is learned from a file of the log when it is opened.
protocol LogContent {
    var index: KeyMap<Latest> { get }
    var current: Revision { get }
    var compacted: Revision { get }
    var swept: Position { get }
    var marks: [Mark] { get }
    /// The bytes of the rows after the last mark.
    var byteCountAfterMarks: Int { get }
    /// Whether revisions without rows may lie between those with rows.
    var isSparse: Bool { get }
}

extension LoadedLog: LogContent {
    var isSparse: Bool { false }
}

/// The rows of whole transactions, which are all there are up to and with `through`.
struct RowBatch: Sendable {
    var rows: [LogRow]
    var through: Revision
}

/// What the writer publishes and the readers look at.
final class SharedLog: Sendable {
    private let state: Mutex<LogState>
    private let signal: CommitSignal

    init(_ loaded: some LogContent) {
        signal = CommitSignal(at: loaded.current)
        state = Mutex(
            LogState(
                index: loaded.index, current: loaded.current, compacted: loaded.compacted))
    }

    /// What a watcher finds at its position.
    enum Outlook: Sendable {
        case batch(EventBatch)
        /// What follows is no longer in memory. The position is pinned.
        case onDisk(through: Revision)
        case upToDate
    }

    func read<Value>(
        _ body: (borrowing LogState) throws(StorageError) -> Value
    ) throws(StorageError) -> Value {
        try state.withLock { (state) throws(StorageError) in
            guard !state.isClosed else { throw .closed }
            return try body(state)
        }
    }

    /// Also after the store has been closed.
    var compacted: Revision { state.withLock { $0.compacted } }

    func update<Value: Sendable>(_ body: (inout LogState) -> sending Value) -> Value {
        state.withLock { body(&$0) }
    }

    /// Publishes transactions that have been made durable, and wakes the watchers.
    func publish(_ transactions: [[LogRow]]) {
        let current = state.withLock { state in
            for rows in transactions { state.apply(rows) }
            return state.current
        }
        signal.advance(to: current)
    }

    /// The same for transactions whose revisions may have gaps between them.
    func publish(_ batches: [RowBatch]) {
        let current = state.withLock { state in
            for batch in batches { state.apply(batch.rows, through: batch.through) }
            return state.current
        }
        signal.advance(to: current)
    }

    /// Lets a reader stand at `revision`, or at the newest, and takes what it needs from the state.
    func pin<Value>(
        _ revision: Revision?, _ body: (borrowing LogState) -> Value
    ) throws(StorageError) -> (revision: Revision, value: Value) {
        try state.withLock { (state) throws(StorageError) in
            let pinned = try state.pin(revision)
            return (pinned, body(state))
        }
    }

    /// Returns whether a waiting sweep may try again.
    func unpin(_ revision: Revision) -> Bool { state.withLock { $0.unpin(revision) } }

    func outlook(after position: Revision, _ range: KeyRange) throws(StorageError) -> Outlook {
        try state.withLock { (state) throws(StorageError) in
            try state.check(position)
            if position == state.current { return .upToDate }
            if position >= state.tail.start {
                return .batch(state.tail.batch(after: position, range))
            }
            _ = try state.pin(position)
            return .onDisk(through: state.current)
        }
    }

    func wait(past revision: Revision) async -> CommitSignal.Outcome {
        await signal.wait(past: revision)
    }

    /// Ends every wait; what is asked afterwards throws `closed`.
    func close() {
        state.withLock { $0.isClosed = true }
        signal.close()
    }
}
