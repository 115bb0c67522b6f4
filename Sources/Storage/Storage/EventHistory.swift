// Events of the past, with what they replaced: what watchers far behind are served from.

import Buffers

/// One committed change, and the item that it replaced or deleted.
public struct PastEvent: Hashable, Sendable {
    public let event: Event
    /// The item that `event.previous` names. `nil` when there was none, or when it was not asked
    /// for.
    public let previous: Item?

    public init(_ event: Event, previous: Item?) {
        self.event = event
        self.previous = previous
    }
}

/// Whole transactions of the past, in order.
public struct HistoryPage: Hashable, Sendable {
    public let events: [PastEvent]
    /// The events are all there are of the range, up to and with this revision.
    public let through: Revision

    public init(events: [PastEvent], through: Revision) {
        self.events = events
        self.through = through
    }
}

/// Which part of the past is asked for.
public struct HistoryRequest: Hashable, Sendable {
    /// Which events come with the item that they replaced. Each costs a read of its own.
    public enum Previous: Hashable, Sendable { case ofAll, ofDeletions }

    public var range: KeyRange
    /// The events after this revision,
    public var position: Revision
    /// up to and with this one.
    public var end: Revision
    public var previous: Previous
    /// Events, and value bytes, at which a page ends, but for the transaction that it is in.
    public var eventCountMax = Limits.batchEventCountMax
    public var byteCountMax = Limits.batchByteCountMax

    /// - Precondition: `end` is not before `position`.
    public init(
        _ range: KeyRange, after position: Revision, through end: Revision,
        previous: Previous = .ofAll
    ) {
        precondition(end >= position, "a history that ends at \(end), before \(position)")
        self.range = range
        self.position = position
        self.end = end
        self.previous = previous
    }
}

/// Where the events are kept that memory has no room for: the store itself, or a journal.
public protocol EventHistory: Sendable {
    /// The oldest position that events can be read after. Does not wait; may be newer by the time
    /// that it is used.
    var oldestPosition: Revision { get }

    /// The next events of a request. A page may end early, at a whole transaction, also without
    /// events: go by its `through`.
    /// - Throws: `compacted` when the position is older than what is kept, `future` when it has not
    ///   been reached; what a store throws when it cannot be read.
    func events(_ request: HistoryRequest) async throws(StorageError) -> HistoryPage

    /// Whether a client that knows the state at `position` can go on from there. It cannot in the
    /// middle of a stretch whose events were derived: nobody knows what came and went there.
    func isResumable(_ position: Revision) -> Bool

    /// What the history measures on disk; `nil` when it is not on one. Does not wait for a writer.
    var logFigures: LogFigures? { get }
}

/// Puts whole transactions into one page, up to the size at which it ends.
package struct HistoryPageBuilder {
    private let request: HistoryRequest
    private var events: [PastEvent] = []
    private var byteCount = 0
    private var passedCount = 0
    private var through: Revision

    package init(_ request: HistoryRequest) {
        self.request = request
        through = request.position
    }

    /// Begins the next row or event; what went before is complete when its revision was another.
    /// - Returns: false when the page has ended before it.
    package mutating func begin(_ revision: Revision) -> Bool {
        if revision.previous > through {
            through = revision.previous
            if isFull { return false }
        }
        return true
    }

    private var isFull: Bool {
        events.count >= request.eventCountMax || byteCount >= request.byteCountMax
            || passedCount >= Limits.historyPassedCountMax
    }

    /// Whether `event` is to come with the item that it replaced.
    package func wantsPrevious(of event: Event) -> Bool {
        event.previous != nil && (request.previous == .ofAll || event.change == .delete)
    }

    package mutating func append(_ event: Event, previous: Item?) {
        if case .put(let value) = event.change { byteCount += value.count }
        events.append(PastEvent(event, previous: previous))
    }

    /// Counts an event outside of the range.
    package mutating func pass() { passedCount += 1 }

    /// The page when all events up to `revision` have been seen.
    package consuming func finish(through revision: Revision) -> HistoryPage {
        HistoryPage(events: events, through: revision)
    }

    /// The page when it was full.
    package consuming func finish() -> HistoryPage {
        HistoryPage(events: events, through: through)
    }
}
