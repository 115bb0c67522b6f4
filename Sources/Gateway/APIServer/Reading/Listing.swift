import APIModel
import Buffers
import Storage
import WatchCache

/// Which objects a list shows.
struct Listing {
    let endpoint: ResourceEndpoint
    let snapshot: Snapshot
    let filter: Filter
    /// The list begins after this key.
    var after: Key?
    /// At most so many objects; `nil` for all.
    var limit: Int?

    /// A page of objects, and where the next one begins.
    struct Page {
        var objects: [CachedObject] = []
        var document: ListDocument
    }

    /// Whether the list is a whole range, so that the leaves' joined bytes serve it.
    var isWholeRange: Bool { filter.isRangeOnly && after == nil && limit == nil }

    func page() -> Page {
        var page = Page(document: ListDocument(endpoint: endpoint, revision: snapshot.revision))
        var hasMore = false
        let limit = limit ?? Int.max
        snapshot.forEach(in: filter.range, after: after) { object in
            guard filter.matches(object) else { return true }
            guard page.objects.count < limit else {
                hasMore = true
                return false
            }
            page.objects.append(object)
            return true
        }
        if hasMore, let last = page.objects.last { describeRest(&page, last) }
        return page
    }

    /// The continue token, and how many follow when that is known without looking at each.
    private func describeRest(_ page: inout Page, _ last: CachedObject) {
        endpoint.cache.retainForPaging(snapshot)
        let start = last.key.bytes.dropFirst(filter.range.lower.bytes.count)
        page.document.continueToken =
            ContinueToken(
                revision: snapshot.revision.rawValue, start: start.description + "\0"
            ).encoded
        if filter.isRangeOnly {
            page.document.remainingItemCount = snapshot.count(in: filter.range, after: last.key)
        }
    }
}
