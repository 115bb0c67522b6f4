// Events that the store has forgotten, found by comparing what is present with what was. Performs
// no I/O.

import Buffers
import Storage

/// Compares a listing, page by page, with the items that were known at a position.
///
/// Of several changes of one item the last is found. It is dated by the revision that the item has;
/// a deletion is dated by the listing, because all that is known is that it came before that.
struct MissedEvents {
    private let known: KeyMap<Latest>
    private let position: Revision
    private var last: Key?
    private var changes: [Event] = []
    private var deletions: [(key: Key, previous: Revision)] = []

    init(known: KeyMap<Latest>, at position: Revision) {
        self.known = known
        self.position = position
    }

    /// Compares the next page, which is in key order.
    /// - Returns: what shows that the known items are not an earlier state of what is listed.
    mutating func compare(_ page: Page) -> Divergence? {
        guard page.revision >= position else {
            return .wentBack(to: page.revision, journal: position)
        }
        let upper = page.hasMore ? page.items.last?.key.successor : nil
        var before: [(key: Key, revision: Revision)] = []
        known.walk(KeyRange(lower: Key(Bytes.empty), upper: upper), after: last) { key, latest in
            if let item = latest.item { before.append((key, item.revision)) }
            return true
        }
        last = page.items.last?.key
        return compare(page.items, before)
    }

    private mutating func compare(
        _ items: [Item], _ before: [(key: Key, revision: Revision)]
    ) -> Divergence? {
        var place = 0
        for item in items {
            while place < before.count, before[place].key < item.key {
                deletions.append((before[place].key, before[place].revision))
                place += 1
            }
            var previous: Revision?
            if place < before.count, before[place].key == item.key {
                previous = before[place].revision
                place += 1
            }
            if previous == item.revision { continue }
            guard item.revision > position else { return .otherPast(item.key, item.revision) }
            changes.append(
                Event(
                    revision: item.revision, key: item.key, change: .put(item.value),
                    previous: previous))
        }
        for (key, revision) in before[place...] { deletions.append((key, revision)) }
        return nil
    }

    /// The events that lead from what was known to what is listed at `revision`, in order.
    func events(at revision: Revision) -> [Event] {
        let deleted = deletions.enumerated().map { number, deletion in
            // A revision has room for so many.
            let back = UInt64(number / Limits.derivedDeletionCountMax)
            let date = Revision(max(revision.rawValue - min(back, revision.rawValue), 1))
            return Event(
                revision: max(date, position.next), key: deletion.key, change: .delete,
                previous: deletion.previous)
        }
        return (changes + deleted).sorted { $0.revision < $1.revision }
    }
}
