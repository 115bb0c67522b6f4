import Buffers
import Storage

/// What somebody sees of a store who is interested in one prefix: revisions have gaps.
struct PartialStore: Store {
    static let prefix: Key = "ours/"

    let whole: MemoryStore

    private func part(_ range: KeyRange) -> KeyRange {
        let part = KeyRange.prefix(Self.prefix)
        let upper = [range.upper, part.upper].compactMap(\.self).min()
        return KeyRange(lower: max(range.lower, part.lower), upper: upper)
    }

    var identity: StoreIdentity { whole.identity }

    func get(_ key: Key) async throws(StorageError) -> Item? { try await whole.get(key) }

    func get(_ key: Key, at revision: Revision) async throws(StorageError) -> Item? {
        try await whole.get(key, at: revision)
    }

    func list(
        _ range: KeyRange, after: Key?, limit: Int, at revision: Revision?
    ) async throws(StorageError) -> Page {
        try await whole.list(part(range), after: after, limit: limit, at: revision)
    }

    func commit(_ transaction: Transaction) async throws(StorageError) -> CommitResult {
        try await whole.commit(transaction)
    }

    func watch(after revision: Revision, _ range: KeyRange) -> EventStream {
        whole.watch(after: revision, part(range))
    }

    func currentRevision() async throws(StorageError) -> Revision {
        try await whole.currentRevision()
    }

    func compact(before revision: Revision) async throws(StorageError) {
        try await whole.compact(before: revision)
    }
}
