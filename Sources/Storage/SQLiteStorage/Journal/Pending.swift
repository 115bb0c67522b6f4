// What has been delivered, and where it can be read. Performs no I/O and reads no clock.

import Buffers
import Storage

/// The delivered events that the journal may not have yet.
struct Pending: Sendable {
    /// Where the events after a position are.
    enum Place: Sendable {
        case here(EventBatch)
        /// In the journal.
        case written
        /// Neither here nor in the journal.
        case lost
        case nowhereYet
        /// Past what has been delivered.
        case ahead
    }

    private(set) var tail: Tail
    /// When something that is not written yet was delivered.
    private var sample: (revision: Revision, time: Duration)?

    init(after revision: Revision, byteCountMax: Int) {
        tail = Tail(after: revision, byteCountMax: byteCountMax)
    }

    /// Everything up to here has been delivered.
    var end: Revision { tail.end }

    /// Appends a transaction at a time, or as one what was derived.
    mutating func append(_ batch: EventBatch, isDerived: Bool = false, at time: Duration) {
        precondition(batch.through > tail.end, "\(batch.through) is not after \(tail.end)")
        var rest = batch.events[...]
        while !isDerived, let first = rest.first {
            let transaction = rest.prefix { $0.revision == first.revision }
            rest.removeFirst(transaction.count)
            tail.append(
                Array(transaction), through: rest.isEmpty ? batch.through : first.revision)
        }
        if tail.end < batch.through {
            tail.append(Array(rest), through: batch.through, isDerived: isDerived)
        }
        if sample == nil { sample = (batch.through, time) }
    }

    /// Forgets what is in the journal.
    mutating func drop(through written: Revision, at time: Duration) {
        tail.drop(through: written)
        if let sample, sample.revision <= written {
            self.sample = tail.end > written ? (tail.end, time) : nil
        }
    }

    func place(after position: Revision, _ range: KeyRange, written: Revision) -> Place {
        if position > tail.end { return .ahead }
        if position == tail.end { return .nowhereYet }
        if position >= tail.start { return .here(tail.batch(after: position, range)) }
        return position < written ? .written : .lost
    }

    /// Whether there are events between the journal and what is here that neither has.
    func isLost(written: Revision) -> Bool { tail.start > written }

    /// The oldest events that are not in the journal, as many as are written together.
    func group(after written: Revision) -> [Tail.Entry] {
        guard tail.end > written else { return [] }
        return tail.entries(
            eventCountMax: Limits.groupTransactionCountMax, byteCountMax: Limits.groupByteCountMax)
    }

    func lag(at time: Duration) -> Duration { sample.map { time - $0.time } ?? .zero }

    /// The newest rows of all keys, when `written` is what the journal has of them. Where a row
    /// will be within its revision is not known yet.
    func latest(over written: KeyMap<Latest>) -> KeyMap<Latest> {
        var latest = written
        for entry in tail.entries(eventCountMax: .max, byteCountMax: .max) {
            for event in entry.events {
                latest[event.key] = Latest(
                    Position(event.revision, sequence: 0), isDeletion: event.change == .delete)
            }
        }
        return latest
    }
}
