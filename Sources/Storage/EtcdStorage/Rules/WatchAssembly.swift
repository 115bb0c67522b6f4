// From a watch's answers to batches. Performs no I/O.

import Buffers
import Storage

/// Makes whole transactions of what the members of a cluster tell, which may come in fragments that
/// cut a transaction in two.
struct WatchAssembly {
    private let keyspace: Keyspace
    private let range: KeyRange
    private let clusterID: UInt64
    /// Everything up to here has been handed on.
    private(set) var position: Revision
    /// Changes after `position`, the last transaction perhaps not whole.
    private var pending: [WatchedChange] = []

    /// - Parameter position: the caller has everything up to here.
    init(_ range: KeyRange, after position: Revision, _ keyspace: Keyspace, clusterID: UInt64) {
        self.range = range
        self.position = position
        self.keyspace = keyspace
        self.clusterID = clusterID
    }

    /// The watch to begin with. It starts at the position itself, which is known already: only so
    /// does etcd refuse a position whose next changes are partly compacted.
    var call: Call { Call.watch(keyspace.followed, from: max(position, Revision(1))) }

    /// Takes the next answer.
    /// - Returns: what has become whole by it.
    /// - Throws: `compacted` when the position is no longer kept; `unavailable` when the watch is
    ///   over.
    mutating func add(_ answer: WatchAnswer) throws(StorageError) -> [EventBatch] {
        guard answer.header.clusterID == clusterID else {
            throw .unavailable(reason: "the watch is answered by another cluster")
        }
        if answer.isCancellation { throw cancellation(answer) }
        if answer.isCreation || answer.watchID < 0 { return [] }
        if answer.changes.isEmpty, pending.isEmpty, !answer.isFragment {
            return progress(to: answer.header.revision)
        }
        pending += answer.changes.lazy.filter { [position] in $0.item.modified > position }
        return try takeWhole(isFragment: answer.isFragment)
    }

    private func cancellation(_ answer: WatchAnswer) -> StorageError {
        if let oldest = answer.compacted, oldest > .zero {
            return .compacted(requested: position, oldest: oldest)
        }
        let reason = answer.reason.isEmpty ? "without a reason" : answer.reason
        return .unavailable(reason: "etcd ended the watch: \(reason)")
    }

    /// Nothing of ours has changed up to `revision`.
    private mutating func progress(to revision: Revision) -> [EventBatch] {
        guard revision > position else { return [] }
        position = revision
        return [EventBatch(events: [], through: revision)]
    }

    /// All transactions of which nothing can follow. A fragment may end inside of its last one.
    private mutating func takeWhole(isFragment: Bool) throws(StorageError) -> [EventBatch] {
        let last = pending.last?.item.modified
        let end =
            isFragment
            ? pending.firstIndex { $0.item.modified == last } ?? pending.count : pending.count
        guard end > 0 else { return [] }
        var batches: [EventBatch] = []
        var batch = Batch()
        for change in pending[..<end] {
            if batch.isFull, change.item.modified > batch.through {
                batches.append(batch.finish())
                batch = Batch()
            }
            let event = try event(change)
            batch.add(event.flatMap { range.contains($0.key) ? $0 : nil }, change)
        }
        batches.append(batch.finish())
        pending.removeSubrange(..<end)
        position = batch.through
        return batches
    }

    /// - Returns: `nil` for a change of what is no item.
    private func event(_ change: WatchedChange) throws(StorageError) -> Event? {
        guard let key = keyspace.key(change.item.key) else { return nil }
        let (created, modified) = (change.item.created, change.item.modified)
        let isNew = !change.isDeletion && created == modified
        // It was compacted while the change was on its way; a new watch is told so.
        guard isNew || change.previous != nil else {
            throw .unavailable(reason: "etcd no longer has what \(key) was before \(modified)")
        }
        return Event(
            revision: modified, key: key,
            change: change.isDeletion ? .delete : .put(change.item.value),
            previous: isNew ? nil : change.previous)
    }

    private struct Batch {
        private var events: [Event] = []
        private var seenCount = 0
        private var byteCount = 0
        private(set) var through = Revision.zero

        var isFull: Bool {
            seenCount >= Storage.Limits.batchEventCountMax
                || byteCount >= Storage.Limits.batchByteCountMax
        }

        mutating func add(_ event: Event?, _ change: WatchedChange) {
            through = change.item.modified
            seenCount += 1
            byteCount += change.item.value.count
            if let event { events.append(event) }
        }

        func finish() -> EventBatch { EventBatch(events: events, through: through) }
    }
}
