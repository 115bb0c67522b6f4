// A store for tests and for trying things out: nothing outlives the process.

import Buffers
import Synchronization

/// A store in memory. It keeps a bounded history and forgets the older half when that is full.
public final class MemoryStore: Store {
    public let identity: StoreIdentity
    private let eventCountMax: Int
    private let state = Mutex(MemoryState())
    private let signal = CommitSignal(at: .zero)

    /// - Parameters:
    ///   - identity: the store's name; random unless given.
    ///   - eventCountMax: events kept for watchers and for listings at older revisions.
    public init(
        identity: StoreIdentity = .random(), eventCountMax: Int = Limits.memoryEventCountMax
    ) {
        precondition(eventCountMax > 0, "\(eventCountMax) events")
        self.identity = identity
        self.eventCountMax = eventCountMax
    }

    public func get(_ key: Key) async throws(StorageError) -> Item? {
        try read { (state) throws(StorageError) in state.item(key) }
    }

    public func get(_ key: Key, at revision: Revision) async throws(StorageError) -> Item? {
        try read { (state) throws(StorageError) in
            try state.check(revision)
            return state.item(key, at: revision)
        }
    }

    public func list(
        _ range: KeyRange, after: Key?, limit: Int, at revision: Revision?
    ) async throws(StorageError) -> Page {
        precondition(limit > 0, "a page of \(limit)")
        return try read { (state) throws(StorageError) in
            let shown = revision ?? state.current
            try state.check(shown)
            return state.page(range, after: after, limit: limit, at: shown)
        }
    }

    public func commit(_ transaction: Transaction) async throws(StorageError) -> CommitResult {
        try transaction.checkSize()
        let eventCountMax = eventCountMax
        let result = try read { (state) throws(StorageError) in
            let result = state.apply(transaction)
            state.trim(to: eventCountMax)
            return result
        }
        if case .committed(let revision) = result { signal.advance(to: revision) }
        return result
    }

    public func watch(after revision: Revision, _ range: KeyRange) -> EventStream {
        EventStream(MemoryWatch(store: self, after: revision, range: range))
    }

    public func currentRevision() async throws(StorageError) -> Revision {
        try read { (state) throws(StorageError) in state.current }
    }

    public func compact(before revision: Revision) async throws(StorageError) {
        try read { (state) throws(StorageError) in
            guard revision <= state.current else {
                throw .future(requested: revision, current: state.current)
            }
            state.compact(before: revision)
        }
    }

    /// Ends every watch; whatever is asked afterwards throws `closed`.
    public func close() async {
        state.withLock { $0.isClosed = true }
        signal.close()
    }

    fileprivate func nextBatch(
        after position: Revision, _ range: KeyRange
    ) async throws(StorageError) -> EventBatch? {
        while true {
            if Task.isCancelled { return nil }
            let batch = try read { (state) throws(StorageError) -> EventBatch? in
                try state.check(position)
                return position < state.current ? state.batch(after: position, range) : nil
            }
            if let batch { return batch }
            switch await signal.wait(past: position) {
            case .advanced: continue
            case .closed: throw .closed
            case .cancelled: return nil
            }
        }
    }

    private func read<Result>(
        _ body: (inout MemoryState) throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        try state.withLock { (state) throws(StorageError) in
            guard !state.isClosed else { throw .closed }
            return try body(&state)
        }
    }
}

extension MemoryStore: EventHistory {
    public var oldestPosition: Revision { state.withLock { $0.compacted } }

    public func events(_ request: HistoryRequest) async throws(StorageError) -> HistoryPage {
        try read { (state) throws(StorageError) in
            try state.check(request.position)
            return state.history(request)
        }
    }
}

/// A position in a `MemoryStore`.
private final class MemoryWatch: EventSource {
    private let store: MemoryStore
    private let range: KeyRange
    private let position: Mutex<Revision>

    init(store: MemoryStore, after revision: Revision, range: KeyRange) {
        self.store = store
        self.range = range
        position = Mutex(revision)
    }

    func next() async throws(StorageError) -> EventBatch? {
        let batch = try await store.nextBatch(after: position.withLock { $0 }, range)
        if let batch { position.withLock { $0 = batch.through } }
        return batch
    }
}
