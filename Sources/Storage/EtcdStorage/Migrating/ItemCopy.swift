// The items of a source on their way into a cluster, and what became of them there.

import Buffers
import Storage

/// Reads the items of a source, all as of one revision, in key order.
struct ItemCopy: Sendable {
    let revision: Revision
    private let source: any Store
    private let target: EtcdStore

    init(_ source: any Store, at revision: Revision, into target: EtcdStore) {
        self.source = source
        self.revision = revision
        self.target = target
    }

    /// What is to be copied.
    var items: ItemPages { ItemPages(store: source, revision: revision) }

    /// Puts all items, several transactions at a time.
    /// - Parameter report: told now and then how many there are.
    func copy(_ report: @Sendable (Int) -> Void) async throws {
        var (count, reported) = (0, 0)
        try await withThrowingTaskGroup(of: Int.self) { group in
            var (batch, waitingCount) = (CopyBatch(), 0)
            func send() async throws {
                if waitingCount == Limits.copyTransactionCount {
                    count += try await group.next() ?? 0
                    waitingCount -= 1
                }
                group.addTask { [target, batch] in
                    _ = try await target.commit(batch.transaction)
                    return batch.items.count
                }
                waitingCount += 1
                batch = CopyBatch()
            }
            for try await item in items {
                while !batch.add(item) { try await send() }
                if count - reported >= Limits.copyReportInterval {
                    report(count)
                    reported = count
                }
            }
            if !batch.isEmpty { try await send() }
            for try await copied in group { count += copied }
        }
        report(count)
    }

    /// Reads everything back.
    /// - Returns: the first key whose item is missing, another one or too many.
    func difference() async throws -> Key? {
        let reached = try await target.currentRevision()
        var wanted = items.makeAsyncIterator()
        var found = ItemPages(store: target, revision: reached).makeAsyncIterator()
        while true {
            let (want, have) = (try await wanted.next(), try await found.next())
            guard let want, let have else { return want?.key ?? have?.key }
            guard want.key == have.key, want.value == have.value else {
                return min(want.key, have.key)
            }
        }
    }
}

/// All items of a store at one revision, page by page.
struct ItemPages: AsyncSequence {
    let store: any Store
    let revision: Revision

    func makeAsyncIterator() -> Iterator { Iterator(pages: self) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let pages: ItemPages
        private var page: ArraySlice<Item> = []
        private var last: Key?
        private var hasMore = true

        fileprivate init(pages: ItemPages) { self.pages = pages }

        mutating func next() async throws(StorageError) -> Item? {
            while page.isEmpty {
                guard hasMore else { return nil }
                let next = try await pages.store.list(
                    .all, after: last, limit: Limits.pageItemCountMax, at: pages.revision)
                page = next.items[...]
                last = next.items.last?.key ?? last
                hasMore = next.hasMore
            }
            return page.removeFirst()
        }
    }
}
