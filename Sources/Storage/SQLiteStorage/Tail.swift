import Buffers
import Storage

/// The newest transactions, in memory, for watchers that are nearly up to date.
struct Tail: Sendable {
    private var transactions: [[Event]?] = []
    /// How many of `transactions` have been forgotten at the front.
    private var head = 0
    private var byteCount = 0
    /// The transactions after this revision are here.
    private(set) var start: Revision

    init(after revision: Revision) { start = revision }

    /// Appends the transaction that follows the last one, and forgets the oldest ones past the
    /// limit.
    mutating func append(_ events: [Event]) {
        transactions.append(events)
        byteCount += Self.byteCount(of: events)
        while byteCount > Limits.tailByteCountMax, head < transactions.count { dropFirst() }
        if head > 64, head * 2 > transactions.count {
            transactions.removeFirst(head)
            head = 0
        }
    }

    /// Whole transactions after `position`, as far as one batch goes.
    /// - Precondition: `position` is not before `start`.
    func batch(after position: Revision, _ range: KeyRange) -> EventBatch {
        var batch = BatchBuilder(range, after: position)
        for events in transactions[(head + Int(position.rawValue - start.rawValue))...] {
            guard let events, !batch.isFull else { break }
            batch.append(events)
        }
        return batch.finish()
    }

    private mutating func dropFirst() {
        byteCount -= Self.byteCount(of: transactions[head] ?? [])
        transactions[head] = nil
        head += 1
        start = start.next
    }

    private static func byteCount(of events: [Event]) -> Int {
        events.reduce(0) { sum, event in
            let value = if case .put(let value) = event.change { value.count } else { 0 }
            return sum + Limits.tailEventByteCount + event.key.bytes.count + value
        }
    }
}
