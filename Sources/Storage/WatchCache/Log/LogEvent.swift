import Buffers
import Storage

/// One change of one object, as the log keeps it. The objects share their bytes with the
/// snapshots.
public struct LogEvent: Sendable {
    public enum Kind: Sendable { case added, modified, deleted }

    public let kind: Kind
    /// The new state; of a deletion, the last state with the deletion's revision.
    public let object: CachedObject
    /// The state before; `nil` when there was no object, and in a modification that was read from
    /// the history for a reader that does not look at it.
    public let previous: CachedObject?
    /// Counts the events of one resource.
    let sequence: UInt64
    /// Where the event stands in the log: the revision of its object, but for corrections, which
    /// come later than the state that they show.
    public let revision: Revision

    init(
        kind: Kind, object: CachedObject, previous: CachedObject?, sequence: UInt64,
        at revision: Revision? = nil
    ) {
        self.kind = kind
        self.object = object
        self.previous = previous
        self.sequence = sequence
        self.revision = revision ?? object.revision
    }

    /// What this event keeps in memory, in bytes, as if it shared nothing.
    var byteCount: Int {
        Self.byteCountFixed + object.storage.count + (previous?.storage.count ?? 0)
    }

    /// The event itself and the object's fixed parts.
    private static let byteCountFixed = 160
}

/// A run of events, in order.
public struct LogSlice: Sendable {
    public let events: [LogEvent]
    /// The events are all there are up to and with this revision.
    public let through: Revision
    /// When the first of the events was applied, as far as the log still knows.
    var appliedAt: ClockTime?

    init(events: [LogEvent], through: Revision, appliedAt: ClockTime? = nil) {
        self.events = events
        self.through = through
        self.appliedAt = appliedAt
    }
}

/// What the log has in memory after a position.
public enum LogReading: Sendable {
    case events(LogSlice)
    /// The position is older than what memory holds. It may still be within the window.
    case past
}
