import Buffers
import Storage

/// The newest transactions, in memory, for watchers that are nearly up to date.
struct Tail: Sendable {
    /// Whole transactions, which are all there are up to and with `through`.
    struct Entry: Sendable {
        let events: [Event]
        fileprivate(set) var through: Revision
        /// Whether these are events that the store had forgotten.
        let isDerived: Bool
        fileprivate let byteCount: Int

        /// The transactions after `position`.
        func events(after position: Revision) -> [Event] {
            guard let first = events.first, first.revision <= position else { return events }
            return events.filter { $0.revision > position }
        }
    }

    private var entries: [Entry?] = []
    /// How many of `entries` have been forgotten at the front.
    private var head = 0
    private let byteCountMax: Int
    private(set) var byteCount = 0
    /// The transactions after this revision are here.
    private(set) var start: Revision
    /// The newest revision.
    private(set) var end: Revision

    init(after revision: Revision, byteCountMax: Int = Limits.tailByteCountMax) {
        start = revision
        end = revision
        self.byteCountMax = byteCountMax
    }

    /// Appends the transactions that follow the last ones, and forgets the oldest ones past the
    /// limit.
    mutating func append(
        _ events: [Event], through revision: Revision, isDerived: Bool = false
    ) {
        end = revision
        // The end of a derived stretch is a state that the store had, and stays one to resume from.
        if events.isEmpty, !isDerived, head < entries.count, entries.last??.isDerived == false {
            entries[entries.count - 1]?.through = revision
            return
        }
        let entry = Entry(
            events: events, through: revision, isDerived: isDerived,
            byteCount: Self.byteCount(of: events))
        entries.append(entry)
        byteCount += entry.byteCount
        while byteCount > byteCountMax, head < entries.count { dropFirst() }
        if head > 64, head * 2 > entries.count {
            entries.removeFirst(head)
            head = 0
        }
    }

    var count: Int { entries.count - head }

    /// Whole transactions after `position`, as far as one batch goes.
    /// - Precondition: `position` is not before `start`.
    func batch(after position: Revision, _ range: KeyRange) -> EventBatch {
        var batch = BatchBuilder(range, after: position)
        for entry in entries[firstIndex(after: position)...] {
            guard let entry, !batch.isFull else { break }
            batch.append(entry.events(after: position), through: entry.through)
        }
        return batch.finish()
    }

    /// The oldest entries, up to so many events and bytes, but at least one.
    func entries(eventCountMax: Int, byteCountMax: Int) -> [Entry] {
        var found: [Entry] = []
        var (eventCount, byteCount) = (0, 0)
        for entry in entries[head...] {
            guard let entry, eventCount < eventCountMax, byteCount < byteCountMax else { break }
            found.append(entry)
            eventCount += entry.events.count
            byteCount += entry.byteCount
        }
        return found
    }

    /// Forgets the entries that are not newer than `revision`.
    mutating func drop(through revision: Revision) {
        while head < entries.count, let entry = entries[head], entry.through <= revision {
            dropFirst()
        }
        if head == entries.count {
            entries.removeAll(keepingCapacity: entries.count < 64)
            head = 0
        }
    }

    private func firstIndex(after position: Revision) -> Int {
        var (low, high) = (head, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if (entries[middle]?.through ?? .zero) > position {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return low
    }

    private mutating func dropFirst() {
        guard let entry = entries[head] else { preconditionFailure("forgotten twice") }
        byteCount -= entry.byteCount
        start = entry.through
        entries[head] = nil
        head += 1
    }

    private static func byteCount(of events: [Event]) -> Int {
        events.reduce(0) { sum, event in
            let value = if case .put(let value) = event.change { value.count } else { 0 }
            return sum + Limits.tailEventByteCount + event.key.bytes.count + value
        }
    }
}
