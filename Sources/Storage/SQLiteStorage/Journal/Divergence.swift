// Whether a journal and a store belong together.

import SQLite
import Storage

/// Why a journal is not one of the store.
enum Divergence: Hashable, Sendable, CustomStringConvertible {
    case otherStore(StoreIdentity, journal: StoreIdentity)
    /// The store is older than its journal: it was restored.
    case wentBack(to: Revision, journal: Revision)
    /// What the store says of a key at a revision is not what it said then.
    case otherPast(Key, Revision)

    var description: String {
        switch self {
        case .otherStore(let store, let journal):
            "it is a journal of the store \(journal), not of \(store)"
        case .wentBack(let revision, let journal):
            "the store is at revision \(revision), before the journal's \(journal)"
        case .otherPast(let key, let revision):
            "the store's past of \(key) at revision \(revision) is not the journal's"
        }
    }
}

/// What is known of a store without asking it.
struct JournalPosition: Sendable {
    let identity: StoreIdentity
    /// Everything up to here has come from the store.
    let revision: Revision
    /// An event of the store's past; `nil` when none is known.
    let sample: Event?

    /// Asks `store` whether it is the one that this was taken from.
    /// - Returns: `nil` when nothing speaks against it.
    func divergence(from store: any Store) async throws(StorageError) -> Divergence? {
        let found = try await store.identity
        guard found == identity else { return .otherStore(found, journal: identity) }
        let current = try await store.currentRevision()
        guard current >= revision else { return .wentBack(to: current, journal: revision) }
        guard let sample else { return nil }
        do throws(StorageError) {
            let item = try await store.get(sample.key, at: sample.revision)
            let isSame =
                switch sample.change {
                case .put(let value): item?.revision == sample.revision && item?.value == value
                case .delete: item == nil
                }
            return isSame ? nil : .otherPast(sample.key, sample.revision)
        } catch {
            // What the store has forgotten cannot contradict.
            guard case .compacted = error else { throw error }
            return nil
        }
    }
}
