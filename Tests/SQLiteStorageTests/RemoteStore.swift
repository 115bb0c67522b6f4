// A store elsewhere: it can be out of reach, restored from a copy, or another one.

import Storage
import StorageTesting
import Synchronization

/// Passes everything on to a store in memory, as long as the network lets it.
final class RemoteStore: ForwardingStore {
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

    func reached() throws(StorageError) -> any Store {
        let (store, isReachable) = state.withLock { ($0.store, $0.isReachable) }
        guard isReachable else { throw .unavailable(reason: "cut by the test") }
        return store
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
