// A store elsewhere: it can be out of reach, restored from a copy, or another one.

import Storage
import Synchronization

/// Passes everything on to a store in memory, as long as the network lets it.
final class RemoteStore: Store {
    private struct State {
        var store: MemoryStore
        var isReachable = true
        var connectionCount = 0
        var openCount = 0
    }

    private let state: Mutex<State>

    init(_ store: MemoryStore = MemoryStore()) { state = Mutex(State(store: store)) }

    var memory: MemoryStore { state.withLock { $0.store } }
    /// How many watches have been opened.
    var openCount: Int { state.withLock { $0.openCount } }

    /// Breaks every connection, and refuses new ones until `connect`.
    func disconnect() {
        state.withLock { state in
            state.isReachable = false
            state.connectionCount += 1
        }
    }

    func connect() { state.withLock { $0.isReachable = true } }

    /// Puts another store in the place of this one.
    func replace(with store: MemoryStore) {
        state.withLock { state in
            state.store = store
            state.connectionCount += 1
        }
    }

    private func reached() throws(StorageError) -> MemoryStore {
        let (store, isReachable) = state.withLock { ($0.store, $0.isReachable) }
        guard isReachable else { throw .unavailable(reason: "cut by the test") }
        return store
    }

    var identity: StoreIdentity {
        get async throws(StorageError) { try reached().identity }
    }

    func get(_ key: Key) async throws(StorageError) -> Item? { try await reached().get(key) }

    func get(_ key: Key, at revision: Revision) async throws(StorageError) -> Item? {
        try await reached().get(key, at: revision)
    }

    func list(
        _ range: KeyRange, after: Key?, limit: Int, at revision: Revision?
    ) async throws(StorageError) -> Page {
        try await reached().list(range, after: after, limit: limit, at: revision)
    }

    func commit(_ transaction: Transaction) async throws(StorageError) -> CommitResult {
        try await reached().commit(transaction)
    }

    func currentRevision() async throws(StorageError) -> Revision {
        try await reached().currentRevision()
    }

    func compact(before revision: Revision) async throws(StorageError) {
        try await reached().compact(before: revision)
    }

    func watch(after revision: Revision, _ range: KeyRange) -> EventStream {
        let (store, connection) = state.withLock { state in
            state.openCount += 1
            return (state.store, state.connectionCount)
        }
        return EventStream(
            RemoteWatch(
                remote: self, stream: store.watch(after: revision, range), connection: connection))
    }

    fileprivate func check(_ connection: Int) throws(StorageError) {
        let isOpen = state.withLock { $0.isReachable && $0.connectionCount == connection }
        guard isOpen else { throw .unavailable(reason: "cut by the test") }
    }
}

private struct RemoteWatch: EventSource {
    let remote: RemoteStore
    let stream: EventStream
    let connection: Int

    func next() async throws(StorageError) -> EventBatch? {
        try remote.check(connection)
        let batch = try await stream.next()
        // What was on its way when the connection broke is lost.
        try remote.check(connection)
        return batch
    }
}
