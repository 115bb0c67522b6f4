// Reading the log without a watcher, for long-polls.

import Storage

/// What a filter sees after a position.
public enum PollResult: Sendable {
    /// All matching events up to and with `through`. There may be more when `through` is older
    /// than the cache's `appliedRevision`.
    case events([WatchedEvent], through: Revision)
    case expired(oldest: Revision)
}

extension ResourceCache {
    /// The events after `position` as `filter` sees them: whole transactions, and no more of them
    /// than it takes to have `limit` events.
    public func matching(after position: Revision, filter: Filter, limit: Int) -> PollResult {
        let end = common.progress.applied
        var matched: [WatchedEvent] = []
        var position = position
        while true {
            let reading = events(
                after: position, through: end, limit: common.limits.readingCountPerTurn)
            guard case .events(let slice) = reading else {
                return .expired(oldest: oldestRevision)
            }
            for (index, event) in slice.events.enumerated() {
                if let change = filter.change(event) {
                    matched.append(.change(change, EncoderSlot.object(event, change)))
                }
                let isLastOfRevision =
                    index + 1 == slice.events.count
                    || slice.events[index + 1].revision > event.revision
                if isLastOfRevision, matched.count >= limit {
                    return .events(matched, through: event.revision)
                }
            }
            position = slice.through
            if position >= end { return .events(matched, through: position) }
        }
    }
}
