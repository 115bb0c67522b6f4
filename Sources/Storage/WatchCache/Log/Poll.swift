// Reading the log without a watcher, for long-polls.

import Storage

/// What a filter sees after a position.
public enum PollResult: Sendable {
    /// All matching events up to and with `through`. There may be more when `through` is older
    /// than the cache's `appliedRevision`.
    case events([WatchedEvent], through: Revision)
    /// The events are not in memory any more: ask `matchingPast`.
    case past
    /// The position has fallen out of the window. `oldest` is the oldest position that can be read
    /// after.
    case expired(oldest: Revision)
}

extension ResourceCache {
    /// The events after `position` as `filter` sees them: whole transactions, and no more of them
    /// than it takes to have `limit` events.
    public func matching(after position: Revision, filter: Filter, limit: Int) -> PollResult {
        guard common.isResumable(position) else { return .expired(oldest: oldestRevision) }
        return goOn(after: position, filter: filter, limit: limit)
    }

    /// The same from where a poll has come to.
    private func goOn(after position: Revision, filter: Filter, limit: Int) -> PollResult {
        let end = common.progress.applied
        var matched = MatchedEvents(filter: filter, limit: limit, common: common)
        var position = position
        while true {
            let reading = events(
                after: position, through: end,
                limit: SliceLimit(eventCount: common.limits.readingCountPerTurn))
            guard case .events(let slice) = reading else {
                let oldest = oldestRevision
                return position < oldest ? .expired(oldest: oldest) : .past
            }
            if let through = matched.append(slice) { return matched.result(through) }
            position = slice.through
            if position >= end { return matched.result(position) }
        }
    }

    /// The same for a position that memory does not reach back to: reads the history first.
    /// - Throws: what the history throws when it cannot be read.
    public func matchingPast(
        after position: Revision, filter: Filter, limit: Int
    ) async throws(StorageError) -> PollResult {
        guard common.isResumable(position) else { return .expired(oldest: oldestRevision) }
        var matched = MatchedEvents(filter: filter, limit: limit, common: common)
        var position = position
        defer { past?.forget() }
        while let past {
            let rest = goOn(after: position, filter: filter, limit: limit - matched.count)
            switch rest {
            case .events(let events, let through): return matched.result(through, events)
            case .expired: return matched.isEmpty ? rest : matched.result(position)
            case .past: break
            }
            do throws(StorageError) {
                let slice = try await past.slice(
                    after: position, through: common.progress.applied, for: filter)
                if let through = matched.append(slice) { return matched.result(through) }
                position = slice.through
            } catch {
                guard case .compacted = error else { throw error }
            }
        }
        return .expired(oldest: oldestRevision)
    }
}

/// The events of slices that a filter sees, up to a number and a size of them.
private struct MatchedEvents {
    private let filter: Filter
    private let limit: Int
    private let common: CacheCommon
    private var events: [WatchedEvent] = []
    private var byteCount = 0

    init(filter: Filter, limit: Int, common: CacheCommon) {
        self.filter = filter
        self.limit = limit
        self.common = common
    }

    var count: Int { events.count }
    var isEmpty: Bool { events.isEmpty }

    private var isFull: Bool {
        events.count >= limit || byteCount >= common.limits.pollByteCountMax
    }

    /// - Returns: the last revision that was taken, when no more are.
    mutating func append(_ slice: LogSlice) -> Revision? {
        for (index, event) in slice.events.enumerated() {
            if let change = filter.change(event) {
                let object = EncoderSlot.object(event, change)
                byteCount += object.bodyByteCount
                events.append(.change(change, object))
            }
            let isLastOfRevision =
                index + 1 == slice.events.count
                || slice.events[index + 1].revision > event.revision
            // The client comes back with the position where this ends.
            if isLastOfRevision, isFull, common.isResumable(event.revision) {
                return event.revision
            }
        }
        return nil
    }

    func result(_ through: Revision, _ more: [WatchedEvent] = []) -> PollResult {
        .events(events + more, through: through)
    }
}
