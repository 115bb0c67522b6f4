import Buffers

/// Puts whole transactions into one batch, up to the size at which a batch ends.
package struct BatchBuilder {
    private let range: KeyRange
    private var events: [Event] = []
    private var byteCount = 0
    private var seenCount = 0
    private var through: Revision

    package init(_ range: KeyRange, after position: Revision) {
        self.range = range
        through = position
    }

    /// Whether the next transaction belongs into the next batch. Events outside the range count,
    /// too: a long stretch without a match ends as a progress mark.
    package var isFull: Bool {
        seenCount >= Limits.batchEventCountMax || byteCount >= Limits.batchByteCountMax
    }

    /// Appends one whole transaction.
    /// - Precondition: `transaction` is not empty and follows what was appended before.
    package mutating func append(_ transaction: [Event]) {
        precondition(transaction[0].revision == through.next, "not the one after \(through)")
        append(transaction, through: through.next)
    }

    /// Appends whole transactions, which are all there are up to `revision`.
    /// - Precondition: they follow what was appended before.
    package mutating func append(_ transactions: [Event], through revision: Revision) {
        precondition(revision > through, "\(revision) is not after \(through)")
        through = revision
        seenCount += transactions.count
        for event in transactions where range.contains(event.key) {
            if case .put(let value) = event.change { byteCount += value.count }
            events.append(event)
        }
    }

    package func finish() -> EventBatch { EventBatch(events: events, through: through) }

    /// The batch when all events up to `revision` have been seen.
    package func finish(through revision: Revision) -> EventBatch {
        EventBatch(events: events, through: revision)
    }
}
