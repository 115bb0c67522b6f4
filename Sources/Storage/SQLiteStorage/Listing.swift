import Buffers
import Storage

/// A page that is being put together from rows.
struct Listing {
    private let limit: Int
    private let revision: Revision
    private var items: [Item] = []
    private var byteCount = 0
    private var hasMore = false
    private var failure: StorageError?

    init(limit: Int, revision: Revision) {
        self.limit = limit
        self.revision = revision
    }

    /// Adds the item whose newest row is `latest`, as it was at the page's revision. Returns whether
    /// more may be added.
    mutating func add(_ latest: Latest, _ reader: LogReader) -> Bool {
        if latest.isDeletion, latest.position.revision <= revision { return true }
        do throws(StorageError) {
            let isFull = items.count >= limit || byteCount >= Storage.Limits.pageByteCountMax
            if isFull, latest.position.revision <= revision {
                hasMore = true
                return false
            }
            guard let item = try reader.item(latest, at: revision) else { return true }
            guard !isFull else {
                hasMore = true
                return false
            }
            items.append(item)
            byteCount += item.value.count
            return true
        } catch {
            failure = error
            return false
        }
    }

    func finish() throws(StorageError) -> Page {
        if let failure { throw failure }
        return Page(items: items, revision: revision, hasMore: hasMore)
    }
}
