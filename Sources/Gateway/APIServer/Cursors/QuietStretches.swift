// Polls that brought nothing: why most of them cost no write.

import Storage
import Synchronization

/// Remembers for each cursor up to where its client missed nothing since what it acknowledged
/// last. An acknowledgement of that says nothing new, and need not be stored. What is forgotten
/// here costs a write, no more.
final class QuietStretches: Sendable {
    private struct Stretch {
        let acknowledged: Revision
        var end: Revision
    }

    /// By the uid of the cursor, so that one that was deleted and made anew has none.
    private let stretches = Mutex<[String: Stretch]>([:])

    /// Up to where nothing came after `acknowledged`; `nil` when that is not known.
    func end(of uid: String, after acknowledged: Revision) -> Revision? {
        stretches.withLock { stretches in
            guard let stretch = stretches[uid], stretch.acknowledged == acknowledged else {
                return nil
            }
            return stretch.end
        }
    }

    /// Notes that nothing came for `cursor` after `position` and up to `end`.
    func extend(_ cursor: HeldCursor, from position: Revision, to end: Revision) {
        stretches.withLock { stretches in
            let stretch = stretches[cursor.uid]
            let isContinued = stretch?.acknowledged == cursor.acknowledged
            let known = isContinued ? stretch?.end ?? cursor.acknowledged : cursor.acknowledged
            guard position <= known, end > known else { return }
            if stretch == nil, stretches.count >= Limits.quietStretchCountMax {
                stretches.removeAll()
            }
            stretches[cursor.uid] = Stretch(acknowledged: cursor.acknowledged, end: end)
        }
    }

    /// Forgets the cursors that there are no more.
    func keep(_ uids: Set<String>) {
        stretches.withLock { stretches in
            stretches = stretches.filter { uids.contains($0.key) }
        }
    }
}
