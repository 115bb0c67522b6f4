// What a store in memory knows and decides. Performs no I/O and waits for nothing.

import Buffers

/// Every kept version of every key, and the kept transactions in order.
struct MemoryState {
    /// A value that a key had from `revision` on; `nil` while it had none.
    struct Version {
        let revision: Revision
        let value: Bytes?
    }

    /// The versions of each key, oldest first. None is empty, and none is a lone deletion that no
    /// kept position can see.
    private var versions = KeyMap<[Version]>()
    /// The transactions after `compacted`, oldest first.
    private var transactions: ArraySlice<[Event]> = []
    private var eventCount = 0
    private(set) var compacted = Revision.zero
    private(set) var current = Revision.zero
    var isClosed = false

    func item(_ key: Key, at revision: Revision? = nil) -> Item? {
        versions[key].flatMap { Self.item(key, of: $0, at: revision ?? current) }
    }

    func page(
        _ range: KeyRange, after: Key?, limit: Int, at revision: Revision
    ) -> Page {
        var items: [Item] = []
        var byteCount = 0
        var hasMore = false
        versions.walk(range, after: after) { key, versions in
            guard let item = Self.item(key, of: versions, at: revision) else { return true }
            guard items.count < limit, byteCount < Limits.pageByteCountMax else {
                hasMore = true
                return false
            }
            items.append(item)
            byteCount += item.value.count
            return true
        }
        return Page(items: items, revision: revision, hasMore: hasMore)
    }

    /// Whether a reader may stand at `revision`.
    func check(_ revision: Revision) throws(StorageError) {
        guard revision >= compacted else {
            throw .compacted(requested: revision, oldest: compacted)
        }
        guard revision <= current else { throw .future(requested: revision, current: current) }
    }

    /// Carries out `transaction`, or names the comparison that does not hold.
    mutating func apply(_ transaction: Transaction) -> CommitResult {
        for comparison in transaction.comparisons {
            let present = item(comparison.key)
            guard comparison.holds(at: present?.revision) else {
                return .conflict(comparison, current: present)
            }
        }
        let events = transaction.operations.compactMap { event(for: $0) }
        guard !events.isEmpty else { return .committed(current) }
        current = current.next
        for event in events { record(event) }
        transactions.append(events)
        eventCount += events.count
        return .committed(current)
    }

    /// Whole transactions after `position`, as far as one batch goes.
    /// - Precondition: `position` is kept and not the newest.
    func batch(after position: Revision, _ range: KeyRange) -> EventBatch {
        let skipped = Int(position.rawValue - compacted.rawValue)
        var batch = BatchBuilder(range, after: position)
        for events in transactions.dropFirst(skipped) where !batch.isFull {
            batch.append(events)
        }
        return batch.finish()
    }

    /// The next events of `request`, with what they replaced.
    /// - Precondition: its position is kept.
    func history(_ request: HistoryRequest) -> HistoryPage {
        let skipped = Int(request.position.rawValue - compacted.rawValue)
        var page = HistoryPageBuilder(request)
        for event in transactions.dropFirst(skipped).lazy.flatMap({ $0 }) {
            if event.revision > request.end { break }
            guard page.begin(event.revision) else { return page.finish() }
            guard request.range.contains(event.key) else {
                page.pass()
                continue
            }
            let isWanted = page.wantsPrevious(of: event)
            page.append(
                event, previous: isWanted ? item(event.key, at: event.revision.previous) : nil)
        }
        return page.finish(through: min(request.end, current))
    }

    mutating func compact(before revision: Revision) {
        guard revision > compacted else { return }
        let forgotten = Int(revision.rawValue - compacted.rawValue)
        compacted = revision
        for events in transactions.prefix(forgotten) {
            eventCount -= events.count
            for event in events { forget(event.key, before: revision) }
        }
        // A new array: a slice would keep the memory of what was dropped.
        transactions = ArraySlice(Array(transactions.dropFirst(forgotten)))
    }

    /// Forgets the older half of the history when it has grown past `eventCountMax`.
    mutating func trim(to eventCountMax: Int) {
        guard eventCount > eventCountMax else { return }
        var kept = eventCount
        var oldest = compacted
        for events in transactions where kept > eventCountMax / 2 {
            kept -= events.count
            oldest = oldest.next
        }
        compact(before: oldest)
    }

    private static func item(_ key: Key, of versions: [Version], at revision: Revision) -> Item? {
        guard let version = versions.last(where: { $0.revision <= revision }) else { return nil }
        return version.value.map { Item(key: key, value: $0, revision: version.revision) }
    }

    private func event(for operation: Operation) -> Event? {
        let previous = item(operation.key)?.revision
        switch operation {
        case .put(let key, let value):
            return Event(revision: current.next, key: key, change: .put(value), previous: previous)
        case .delete(let key):
            guard previous != nil else { return nil }
            return Event(revision: current.next, key: key, change: .delete, previous: previous)
        }
    }

    private mutating func record(_ event: Event) {
        let value: Bytes? = if case .put(let value) = event.change { value } else { nil }
        versions.modify(event.key, initial: []) {
            $0.append(Version(revision: event.revision, value: value))
        }
    }

    private mutating func forget(_ key: Key, before revision: Revision) {
        guard var kept = versions[key] else { return }
        if let base = kept.lastIndex(where: { $0.revision <= revision }) {
            kept.removeSubrange(..<(kept[base].value == nil ? base + 1 : base))
        }
        versions[key] = kept.isEmpty ? nil : kept
    }
}
