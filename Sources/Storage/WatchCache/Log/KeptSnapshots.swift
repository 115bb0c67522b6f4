// Old states that clients may still ask for.

import Storage

/// A time on the cache's clock, counted from when the clock was made.
typealias ClockTime = Duration

/// States kept for clients that read a list in pages.
struct KeptSnapshots: Sendable {
    private struct Entry {
        let tree: Tree
        let changedAt: Revision
        let revision: Revision
        let keptAt: ClockTime
    }

    private var entries: [Entry] = []
    private let limits: Limits

    init(limits: Limits) { self.limits = limits }

    mutating func keep(_ snapshot: Snapshot, now: ClockTime) {
        dropExpired(now: now)
        entries.removeAll { $0.revision == snapshot.revision }
        if entries.count == limits.keptSnapshotCountMax { entries.removeFirst() }
        entries.append(
            Entry(
                tree: snapshot.tree, changedAt: snapshot.changedAt, revision: snapshot.revision,
                keptAt: now))
    }

    mutating func dropExpired(now: ClockTime) {
        if entries.isEmpty { return }
        entries.removeAll { now - $0.keptAt >= limits.pagingAge }
    }

    func state(at revision: Revision) -> (tree: Tree, changedAt: Revision)? {
        entries.last { $0.changedAt <= revision && revision <= $0.revision }
            .map { ($0.tree, $0.changedAt) }
    }
}

/// Which revisions are older than a given age, to within a few seconds.
struct RevisionAges: Sendable {
    private struct Mark {
        let time: ClockTime
        let revision: Revision
    }

    /// How far marks are apart: sixty of them cover the five minutes of paging.
    private static let spacing = Duration.seconds(5)

    private var marks: [Mark] = []

    /// Remembers that `revision` was the newest at `time`.
    mutating func note(_ revision: Revision, at time: ClockTime, age: Duration) {
        if let last = marks.last, time - last.time < Self.spacing { return }
        marks.append(Mark(time: time, revision: revision))
        let expired = marks.lastIndex { time - $0.time >= age } ?? 0
        marks.removeFirst(expired)
    }

    /// Whether `revision` was already old when everything younger than `age` was made.
    func isExpired(_ revision: Revision, at time: ClockTime, age: Duration) -> Bool {
        guard let boundary = marks.last(where: { time - $0.time >= age }) else { return false }
        return revision < boundary.revision
    }
}
