import Buffers
import Storage

/// Puts a page together: keys from the index, values from the file.
struct Listing {
    private typealias Candidate = (key: Key, latest: Latest)

    private let index: KeyMap<Latest>
    private let range: KeyRange
    private let revision: Revision
    private let limit: Int
    private var items: [Item] = []
    private var byteCount = 0

    init(_ index: KeyMap<Latest>, _ range: KeyRange, at revision: Revision, limit: Int) {
        self.index = index
        self.range = range
        self.revision = revision
        self.limit = limit
    }

    mutating func page(after: Key?, _ reader: LogReader) throws(StorageError) -> Page {
        var last = after
        while true {
            let chunk = candidates(after: last, count: chunkCount)
            guard let end = chunk.last else { return page(hasMore: false) }
            for case let item? in try fetch(chunk, reader) {
                if isFull { return page(hasMore: true) }
                byteCount += item.value.count
                items.append(item)
            }
            last = end.key
            if isFull { return page(hasMore: try hasItem(after: end.key, reader)) }
        }
    }

    private func page(hasMore: Bool) -> Page {
        Page(items: items, revision: revision, hasMore: hasMore)
    }

    private var isFull: Bool {
        items.count >= limit || byteCount >= Storage.Limits.pageByteCountMax
    }

    /// How many keys to take next: as many as fill the page, judging by the values so far.
    private var chunkCount: Int {
        guard !items.isEmpty else { return min(limit, Limits.listingCountMin) }
        let average = byteCount / items.count + 1
        let fitting = (Storage.Limits.pageByteCountMax - byteCount) / average
        return min(limit - items.count, max(fitting, Limits.listingCountMin))
    }

    /// The next keys that may have an item at the revision.
    private func candidates(after: Key?, count: Int) -> [Candidate] {
        var found: [Candidate] = []
        index.walk(range, after: after) { key, latest in
            guard found.count < count else { return false }
            let isGone = latest.isDeletion && latest.position.revision <= revision
            if !isGone { found.append((key, latest)) }
            return true
        }
        return found
    }

    /// Reads in the order of the file, which touches each of its pages once; answers in key order.
    private func fetch(
        _ chunk: [Candidate], _ reader: LogReader
    ) throws(StorageError) -> [Item?] {
        var order = Array(chunk.indices)
        order.sort { chunk[$0].latest.position < chunk[$1].latest.position }
        var found = [Item?](repeating: nil, count: chunk.count)
        for place in order {
            let item = try reader.item(chunk[place].latest, at: revision)
            try reader.check(item, isOf: chunk[place].key)
            found[place] = item
        }
        return found
    }

    private func hasItem(after key: Key, _ reader: LogReader) throws(StorageError) -> Bool {
        var last = key
        while let next = candidates(after: last, count: 1).first {
            if next.latest.position.revision <= revision { return true }
            if try reader.item(next.latest, at: revision) != nil { return true }
            last = next.key
        }
        return false
    }
}
