// A store that other gateways write to, too, over a network that can be slow or cut.

import Storage
import StorageTesting
import Synchronization

/// Passes everything on to a store in memory. Its watches can be held up, and it can be cut off.
final class SharedStore: ForwardingStore {
    private struct State {
        var isCut = false
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
        var probeCount = 0
    }

    private let store: MemoryStore
    private let state = Mutex(State())

    init(_ store: MemoryStore) { self.store = store }

    /// How often the store has been asked how far it is.
    var probeCount: Int { state.withLock { $0.probeCount } }

    /// Whatever is asked from now on fails; watches bring nothing.
    func cut() {
        state.withLock { state in
            state.isCut = true
            state.isHeld = true
        }
    }

    func mend() {
        state.withLock { $0.isCut = false }
        release()
    }

    /// Watches bring nothing until `release`.
    func hold() { state.withLock { $0.isHeld = true } }

    func release() {
        let held = state.withLock { state in
            state.isHeld = false
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    var isExclusive: Bool { false }
    var identity: StoreIdentity { store.identity }

    func reached() throws(StorageError) -> any Store {
        guard !state.withLock({ $0.isCut }) else { throw .unavailable(reason: "cut by the test") }
        return store
    }

    func currentRevision() async throws(StorageError) -> Revision {
        state.withLock { $0.probeCount += 1 }
        return try await reached().currentRevision()
    }

    func watch(after revision: Revision, _ range: KeyRange) -> EventStream {
        EventStream(HeldWatch(shared: self, stream: store.watch(after: revision, range)))
    }

    fileprivate func whenReleased() async {
        await withCheckedContinuation { continuation in
            let goesOn = state.withLock { state in
                if state.isHeld { state.held.append(continuation) }
                return !state.isHeld
            }
            if goesOn { continuation.resume() }
        }
    }
}

private struct HeldWatch: EventSource {
    let shared: SharedStore
    let stream: EventStream

    func next() async throws(StorageError) -> EventBatch? {
        let batch = try await stream.next()
        await shared.whenReleased()
        return batch
    }
}
