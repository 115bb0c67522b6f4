// Whether anything has changed, for those who know the state at a revision.

import Storage

/// What has become of the state that a reader knows.
public enum ChangeCheck: Hashable, Sendable {
    /// It is as it was, up to and with `through`.
    case unchanged(through: Revision)
    /// It has changed, or that would take too long to tell.
    case changed
    /// What is in memory does not tell: ask `checkedWithPast`.
    case past
}

extension ResourceCache {
    /// Whether what `filter` sees has changed after `revision`. A revision that has not been
    /// reached is none that a reader can know: changed.
    public func checked(since revision: Revision, filter: Filter) -> ChangeCheck {
        let snapshot = snapshot()
        if revision > snapshot.revision { return .changed }
        if revision >= snapshot.changedAt { return .unchanged(through: snapshot.revision) }
        switch matching(after: revision, filter: filter, limit: 1) {
        case .events(let events, let through):
            return events.isEmpty ? .unchanged(through: through) : .changed
        case .expired: return .changed
        case .past: break
        }
        let distance = snapshot.revision.rawValue - revision.rawValue
        let isFar = distance > UInt64(common.limits.checkedRevisionCountMax)
        return isFar || hasNewer(than: revision, snapshot, filter) ? .changed : .past
    }

    /// The same where the history has to be read.
    /// - Throws: what the history throws when it cannot be read.
    public func checkedWithPast(
        since revision: Revision, filter: Filter
    ) async throws(StorageError) -> ChangeCheck {
        let result = try await matchingPast(after: revision, filter: filter, limit: 1)
        guard case .events(let events, let through) = result, events.isEmpty else {
            return .changed
        }
        return .unchanged(through: through)
    }

    /// Whether there is something newer to see. What is no longer there is not looked for.
    private func hasNewer(than revision: Revision, _ snapshot: Snapshot, _ filter: Filter) -> Bool {
        var isNewer = false
        snapshot.forEach(matching: filter) { object in
            isNewer = object.revision > revision
            return !isNewer
        }
        return isNewer
    }
}
