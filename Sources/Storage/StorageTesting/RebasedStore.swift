// A store whose counter does not begin at zero, seen as one whose counter does.

import Buffers
import Storage

/// Passes everything on to another store, with revisions counted from an origin. The checks count
/// from zero; a store in a cluster begins wherever the cluster is.
public struct RebasedStore: Store {
    private let store: any Store
    private let origin: UInt64

    /// - Parameter origin: the revision of `store` at which it is empty. Nobody asks for older
    ///   ones.
    public init(_ store: any Store, origin: Revision) {
        self.store = store
        self.origin = origin.rawValue
    }

    public var identity: StoreIdentity {
        get async throws(StorageError) { try await store.identity }
    }

    public var isExclusive: Bool { store.isExclusive }
    public var valueByteCountMax: Int { store.valueByteCountMax }

    public func get(_ key: Key) async throws(StorageError) -> Item? {
        try await counting { () async throws(StorageError) in try await store.get(key) }
            .map(rebased)
    }

    public func get(_ key: Key, at revision: Revision) async throws(StorageError) -> Item? {
        try await counting { () async throws(StorageError) in
            try await store.get(key, at: original(revision))
        }.map(rebased)
    }

    public func list(
        _ range: KeyRange, after: Key?, limit: Int, at revision: Revision?
    ) async throws(StorageError) -> Page {
        let page = try await counting { () async throws(StorageError) in
            try await store.list(range, after: after, limit: limit, at: revision.map(original))
        }
        return Page(
            items: page.items.map(rebased), revision: rebased(page.revision), hasMore: page.hasMore)
    }

    public func commit(_ transaction: Transaction) async throws(StorageError) -> CommitResult {
        var shifted = transaction
        shifted.comparisons = transaction.comparisons.map { comparison in
            guard case .unchanged(let key, let since) = comparison, since > .zero else {
                return comparison
            }
            return .unchanged(key, since: original(since))
        }
        let sent = shifted
        let result = try await counting { () async throws(StorageError) in
            try await store.commit(sent)
        }
        switch result {
        case .committed(let revision): return .committed(rebased(revision))
        case .conflict(let comparison, let current):
            let place = sent.comparisons.firstIndex(of: comparison)
            return .conflict(
                place.map { transaction.comparisons[$0] } ?? comparison,
                current: current.map(rebased))
        }
    }

    public func watch(after revision: Revision, _ range: KeyRange) -> EventStream {
        EventStream(
            RebasedWatch(store: self, stream: store.watch(after: original(revision), range)))
    }

    public func currentRevision() async throws(StorageError) -> Revision {
        rebased(
            try await counting { () async throws(StorageError) in
                try await store.currentRevision()
            })
    }

    public func compact(before revision: Revision) async throws(StorageError) {
        try await counting { () async throws(StorageError) in
            try await store.compact(before: original(revision))
        }
    }

    // MARK: Counting

    private func original(_ revision: Revision) -> Revision {
        Revision(revision.rawValue + origin)
    }

    fileprivate func rebased(_ revision: Revision) -> Revision {
        Revision(revision.rawValue - origin)
    }

    private func rebased(_ item: Item) -> Item {
        Item(key: item.key, value: item.value, revision: rebased(item.revision))
    }

    fileprivate func rebased(_ event: Event) -> Event {
        Event(
            revision: rebased(event.revision), key: event.key, change: event.change,
            previous: event.previous.map(rebased))
    }

    /// Passes errors on with their revisions rebased.
    fileprivate func counting<Answer>(
        _ body: () async throws(StorageError) -> Answer
    ) async throws(StorageError) -> Answer {
        do throws(StorageError) {
            return try await body()
        } catch {
            switch error {
            case .compacted(let requested, let oldest):
                throw .compacted(requested: rebased(requested), oldest: rebased(oldest))
            case .future(let requested, let current):
                throw .future(requested: rebased(requested), current: rebased(current))
            default: throw error
            }
        }
    }
}

private struct RebasedWatch: EventSource {
    let store: RebasedStore
    let stream: EventStream

    func next() async throws(StorageError) -> EventBatch? {
        let batch = try await store.counting { () async throws(StorageError) in
            try await stream.next()
        }
        return batch.map {
            EventBatch(events: $0.events.map(store.rebased), through: store.rebased($0.through))
        }
    }
}
