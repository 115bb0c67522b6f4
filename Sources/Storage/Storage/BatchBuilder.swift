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
        through = through.next
        seenCount += transaction.count
        for event in transaction where range.contains(event.key) {
            if case .put(let value) = event.change { byteCount += value.count }
            events.append(event)
        }
    }

    package func finish() -> EventBatch { EventBatch(events: events, through: through) }
}
