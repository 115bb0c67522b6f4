import Buffers
import Storage
import StorageTesting

/// What somebody sees of a store who is interested in one prefix: revisions have gaps.
struct PartialStore: ForwardingStore {
    static let prefix: Key = "ours/"

    let whole: MemoryStore

    private func part(_ range: KeyRange) -> KeyRange {
        let part = KeyRange.prefix(Self.prefix)
        let upper = [range.upper, part.upper].compactMap(\.self).min()
        return KeyRange(lower: max(range.lower, part.lower), upper: upper)
    }

    func reached() -> any Store { whole }

    func list(
        _ range: KeyRange, after: Key?, limit: Int, at revision: Revision?
    ) async throws(StorageError) -> Page {
        try await whole.list(part(range), after: after, limit: limit, at: revision)
    }

    func watch(after revision: Revision, _ range: KeyRange) -> EventStream {
        whole.watch(after: revision, part(range))
    }
}
