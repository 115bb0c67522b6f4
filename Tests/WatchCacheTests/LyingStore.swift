import Storage
import StorageTesting
import Synchronization

/// A store in memory whose watch may tell something else than what was committed. What it lists is
/// true.
final class LyingStore: ForwardingStore {
    typealias Lie = @Sendable (Event) -> Event?

    private struct State {
        var lie: Lie?
        var listFailure: StorageError?
        var listCount = 0
    }

    let memory = MemoryStore()
    private let state = Mutex(State())

    /// From now on the watch brings what `lie` makes of each event; `nil` is the truth.
    func tell(_ lie: Lie?) { state.withLock { $0.lie = lie } }
    /// From now on listing fails; `nil` ends that.
    func failListing(with error: StorageError?) { state.withLock { $0.listFailure = error } }
    /// How many pages have been asked for.
    var listCount: Int { state.withLock { $0.listCount } }

    func reached() -> any Store { memory }

    func list(
        _ range: KeyRange, after: Key?, limit: Int, at revision: Revision?
    ) async throws(StorageError) -> Page {
        let failure = state.withLock { state in
            state.listCount += 1
            return state.listFailure
        }
        if let failure { throw failure }
        return try await memory.list(range, after: after, limit: limit, at: revision)
    }
    func watch(after revision: Revision, _ range: KeyRange) -> EventStream {
        EventStream(Source(store: self, stream: memory.watch(after: revision, range)))
    }
    private struct Source: EventSource {
        let store: LyingStore
        let stream: EventStream

        func next() async throws(StorageError) -> EventBatch? {
            guard let batch = try await stream.next() else { return nil }
            guard let lie = store.state.withLock({ $0.lie }) else { return batch }
            return EventBatch(events: batch.events.compactMap(lie), through: batch.through)
        }
    }
}

extension LyingStore {
    @discardableResult
    func put(_ sample: Sample) async throws -> Revision {
        try await revision(.put(Key(sample.key), sample.value))
    }

    @discardableResult
    func delete(_ key: String) async throws -> Revision { try await revision(.delete(Key(key))) }

    private func revision(_ operation: Operation) async throws -> Revision {
        let result = try await commit(Transaction(operations: [operation]))
        guard case .committed(let revision) = result else {
            throw StorageError.unavailable(reason: "a conflict without comparisons")
        }
        return revision
    }
}
