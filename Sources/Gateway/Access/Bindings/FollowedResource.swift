// One resource of the cache, followed by whoever keeps something derived from it.

import Storage
import WatchCache

/// How far somebody has followed a resource.
package struct FollowedResource: Sendable {
    package enum Change {
        case event(LogEvent)
        /// Everything anew: the log does not reach back to where the follower was.
        case all(Snapshot)
    }

    package let cache: ResourceCache
    private var position: Revision?

    package init(_ cache: ResourceCache) { self.cache = cache }

    /// Forgets the position: it means nothing any more.
    package mutating func restart() { position = nil }

    /// Shows what has changed since the last time, in order, up to what the cache shows now.
    package mutating func catchUp(_ body: (Change) -> Void) {
        let snapshot = cache.snapshot()
        guard var reached = position else { return takeAll(snapshot, body) }
        while reached < snapshot.changedAt {
            guard
                case .events(let slice) = cache.events(
                    after: reached, limit: Limits.eventCountPerRead)
            else { return takeAll(cache.snapshot(), body) }
            for event in slice.events { body(.event(event)) }
            // The log is published before the revision moves on: the rest is not applied yet.
            guard slice.through > reached else { break }
            reached = slice.through
        }
        position = reached
    }

    private mutating func takeAll(_ snapshot: Snapshot, _ body: (Change) -> Void) {
        body(.all(snapshot))
        position = snapshot.revision
    }
}
