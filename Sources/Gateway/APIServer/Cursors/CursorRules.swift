// What is written when a cursor is used.

import APIModel
import Storage

/// What a poll says about the one before.
enum Acknowledgement: Hashable, Sendable {
    /// Nothing: go on from what was acknowledged last.
    case none
    /// Forget what was acknowledged, and begin with the present state: `resourceVersion=0`.
    case startOver
    /// Everything up to this revision has been dealt with.
    case through(Revision)

    init(_ resourceVersion: UInt64?) {
        switch resourceVersion {
        case nil: self = .none
        case 0: self = .startOver
        case let number?: self = .through(Revision(number))
        }
    }

    /// Zero when nothing is acknowledged.
    var revision: Revision {
        guard case .through(let revision) = self else { return .zero }
        return revision
    }
}

/// Decides whether the use of a cursor is worth a write. Performs no I/O and reads no clock.
struct CursorRules {
    enum Decision: Hashable {
        /// What is stored says enough.
        case keep
        /// This revision is to be stored as acknowledged.
        case write(Revision)
        /// The client is behind what was acknowledged.
        case backwards
    }

    let now: Timestamp
    let lifetime: Duration
    /// The oldest position that the collection can be watched from, and the newest.
    let window: (oldest: Revision, newest: Revision)
    /// Up to where the cursor is known to have missed nothing since what is stored.
    let quietEnd: Revision?

    func decide(_ cursor: WatchCursor, _ acknowledgement: Acknowledgement) -> Decision {
        let stored = cursor.acknowledged
        switch acknowledgement {
        case .none: return isDue(cursor) ? .write(stored) : .keep
        case .startOver: return stored == .zero && !isDue(cursor) ? .keep : .write(.zero)
        case .through(let revision):
            if revision < stored { return .backwards }
            return isDue(cursor) || isNews(revision, stored) ? .write(revision) : .keep
        }
    }

    /// Whether the use itself has to be noted, so that the cursor does not expire.
    private func isDue(_ cursor: WatchCursor) -> Bool {
        .seconds(now.seconds - cursor.lastUsed.seconds) >= lifetime / Limits.cursorUseNoteCount
    }

    /// When nothing came between, the stored position is as good; until it has come into the older
    /// half of the window, and would leave it some day.
    private func isNews(_ revision: Revision, _ stored: Revision) -> Bool {
        if revision == stored { return false }
        guard let quietEnd, revision <= quietEnd else { return true }
        let (oldest, newest) = (window.oldest.rawValue, window.newest.rawValue)
        let middle = oldest + (max(newest, oldest) - oldest) / 2
        return stored.rawValue < middle
    }
}
