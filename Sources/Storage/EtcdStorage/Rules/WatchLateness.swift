// When a watch that brings nothing is late, and when it is taken for dead. Performs no I/O.

import Storage

/// Compares how far a watch has come with the newest revision that any answer has shown.
///
/// A watch stands behind for one of two reasons. What has changed is not this store's, so that
/// there is nothing to bring: a mark of our own moves it on. Or the member it hangs on is cut off,
/// stopped or slow: then the mark does not come either, and the watch is opened elsewhere.
struct WatchLateness: Sendable {
    enum Step: Equatable {
        case none
        /// Look again after this time.
        case wait(Duration)
        /// Write a mark.
        case mark
        /// The watch is dead.
        case abandon
    }

    private let limits: Limits
    private var position: Revision
    /// Where the watch has to get to, and since when.
    private var due: (revision: Revision, since: Duration)?
    private var isMarked = false

    init(at position: Revision, _ limits: Limits) {
        self.position = position
        self.limits = limits
    }

    /// Some answer has shown that the store is at `revision`.
    mutating func learn(_ revision: Revision, at now: Duration) {
        guard revision > position, due == nil else { return }
        due = (revision, now)
        isMarked = false
    }

    /// Whether the watch is behind what is known.
    var isDue: Bool { due != nil }

    /// Nothing was to be expected of the watch until now.
    mutating func excuse(at now: Duration) {
        guard let due else { return }
        self.due = (due.revision, now)
        isMarked = false
    }

    /// The watch has brought everything up to `revision`.
    mutating func arrive(at revision: Revision) {
        position = max(position, revision)
        if let due, due.revision <= position { self.due = nil }
    }

    /// What is to be done now.
    mutating func step(at now: Duration) -> Step {
        guard let due else { return .none }
        let late = now - due.since
        if late >= limits.watchAbandonedAfter { return .abandon }
        if isMarked { return .wait(limits.watchAbandonedAfter - late) }
        if late < limits.watchMarkedAfter { return .wait(limits.watchMarkedAfter - late) }
        isMarked = true
        return .mark
    }
}
