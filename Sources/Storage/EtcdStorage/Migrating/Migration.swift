// Filling an empty store with the items of another one.

import Buffers
import Storage

/// Copies the items of another store, all as of one revision, below the empty prefix of a cluster.
///
/// A mark says that the copy is not whole: a gateway that is new to the store looks for it and does
/// not start. In the end etcd's revision is past the source's, so that no position that a client
/// has from the source is taken for one of the new store: each is too old, which is said once.
public struct Migration: Sendable {
    /// How far it is.
    public enum Progress: Hashable, Sendable {
        case found(itemCount: Int, byteCount: Int, at: Revision)
        case copied(itemCount: Int)
        /// Every item was read back and compared.
        case compared(itemCount: Int)
        /// Revisions are passed over, from etcd's up to the source's.
        case passing(from: Revision, through: Revision)
    }

    /// What was done.
    public struct Summary: Hashable, Sendable {
        public var itemCount = 0
        /// Bytes of keys and values.
        public var byteCount = 0
        /// The state that was copied.
        public var source: Revision
        /// The new store's revision when all was done; later than `source`.
        public var target = Revision.zero

        public init(of source: Revision) { self.source = source }
    }

    private let store: EtcdStore
    private let report: @Sendable (Progress) -> Void

    /// - Parameter report: told on any thread.
    public init(into store: EtcdStore, report: @escaping @Sendable (Progress) -> Void) {
        self.store = store
        self.report = report
    }

    /// Copies everything that `source` has now. Nobody may write to it meanwhile that is to be
    /// heard.
    /// - Parameter restarts: whether what an earlier copy has left is removed first.
    /// - Throws: `MigrationFailure`, or the `StorageError` of one of the stores. The mark stays
    ///   when the copy has begun.
    public func run(from source: some Store, restarts: Bool) async throws -> Summary {
        let revision = try await source.currentRevision()
        let copying = ItemCopy(source, at: revision, into: store)
        var summary = try await survey(copying)
        let mark = MigrationMark(store.core)
        try await mark.put(Bytes(try await source.identity.name), restarts: restarts)
        try await copying.copy { report(.copied(itemCount: $0)) }
        if let key = try await copying.difference() {
            throw MigrationFailure.differs(key, prefix: store.core.keyspace.prefix.description)
        }
        report(.compared(itemCount: summary.itemCount))
        try await pass(revision)
        summary.target = try await mark.remove()
        return summary
    }

    private func survey(_ copying: ItemCopy) async throws -> Summary {
        var summary = Summary(of: copying.revision)
        var (largeCount, largest) = (0, Item?.none)
        for try await item in copying.items {
            summary.itemCount += 1
            summary.byteCount += item.key.bytes.count + item.value.count
            guard item.value.count > store.valueByteCountMax else { continue }
            largeCount += 1
            largest = largest ?? item
        }
        if let largest {
            throw MigrationFailure.tooLarge(
                count: largeCount, first: largest.key, byteCount: largest.value.count)
        }
        report(
            .found(
                itemCount: summary.itemCount, byteCount: summary.byteCount, at: copying.revision))
        return summary
    }

    /// Moves etcd's revision past that of the source, one small write for each.
    private func pass(_ revision: Revision) async throws {
        let core = store.core
        var reached = try await store.currentRevision()
        guard reached <= revision else { return }
        report(.passing(from: reached, through: revision))
        var compacted = reached
        while reached <= revision {
            let missing = revision.rawValue - reached.rawValue + 1
            try await withThrowingTaskGroup(of: Void.self) { group in
                let writerCount = min(missing, UInt64(Limits.passingWriterCount))
                for writer in 0..<writerCount {
                    let share = missing / writerCount + (writer < missing % writerCount ? 1 : 0)
                    group.addTask { try await core.pass(min(share, Limits.passingTurnMax)) }
                }
                try await group.waitForAll()
            }
            reached = try await store.currentRevision()
            // What is passed over would fill the cluster's quota otherwise.
            if reached.rawValue - compacted.rawValue > Limits.passingHistoryMax {
                try await store.compact(before: reached)
                compacted = reached
            }
        }
    }
}

extension StoreCore {
    /// Puts the progress mark so many times.
    fileprivate func pass(_ count: UInt64) async throws(StorageError) {
        do throws(CallError) {
            for _ in 0..<count {
                let _: PlainAnswer = try await cluster.ask(
                    .put(keyspace.progressMark, "1"), cluster.writing)
            }
        } catch {
            throw error.whenReading
        }
    }
}
