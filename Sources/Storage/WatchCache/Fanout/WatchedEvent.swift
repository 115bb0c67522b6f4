// What a watcher is shown, and the two sides that it is shown by.

import Buffers
import Storage

/// An event as one watcher sees it.
public enum WatchedEvent: Sendable {
    public enum Change: Int, Sendable { case added, modified, deleted }

    /// The object is the new state; of a deletion, the last state that the watcher could see. Its
    /// revision is the event's, except in the initial events and in corrections, where it is the
    /// object's own.
    case change(Change, CachedObject)
    /// Everything up to this revision has been shown.
    case bookmark(Revision)
    /// The same, after the last of the initial events.
    case initialEventsEnd(Revision)
}

/// Turns events into frames. One instance serves all watchers that are sent the same bytes, so
/// that an event is encoded once for all of them. Called on the loop.
public protocol EventEncoder: AnyObject {
    func encode(_ event: WatchedEvent) -> Bytes
}

/// What a sink answers to a delivery, which it has taken in any case.
public enum SinkState: Sendable {
    case ready
    /// Nothing more until `Watcher.resume()` is called.
    case full
    /// Nobody is there any more. The watcher is cancelled.
    case closed
}

/// Why a watcher ends that was not cancelled.
public enum WatchEnd: Hashable, Sendable {
    /// The position has fallen out of the window; positions from `oldest` on can be resumed.
    case expired(oldest: Revision)
    /// The resource is not held any more.
    case removed
    case shutdown
}

/// Where a watcher's frames go. Called on the loop.
public protocol WatchSink: AnyObject {
    /// Takes `frames`, which are not empty. After them, the watcher has seen everything up to
    /// `through`.
    func deliver(_ frames: [Bytes], through: Revision) -> SinkState

    /// The watcher is over; nothing else comes.
    func end(_ reason: WatchEnd)
}

/// What a new watcher is to see.
public struct WatchRequest {
    public enum Start {
        /// The events after this revision.
        case after(Revision)
        /// Every matching object as ADDED, in the order of keys, then what follows the snapshot.
        /// - Parameter marksEnd: whether a bookmark stands between the two.
        case initial(Snapshot, marksEnd: Bool)
    }

    public var filter: Filter
    public var start: Start
    public var encoder: any EventEncoder
    public var wantsBookmarks: Bool
    /// Whether the watcher counts in the resource's figures. Those who wait for one event, and the
    /// server's own, do not.
    public var isCounted = true

    public init(
        filter: Filter, start: Start, encoder: any EventEncoder, wantsBookmarks: Bool = false
    ) {
        self.filter = filter
        self.start = start
        self.encoder = encoder
        self.wantsBookmarks = wantsBookmarks
    }
}
