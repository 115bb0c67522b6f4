// How far a cluster's history is forgotten, and by whom. Performs no I/O.

import Buffers
import Storage

/// What the last gateway to compact has left: the revision that was newest then. The next one
/// compacts up to there, so that at least one interval is always kept.
struct CompactionMark: Hashable, Sendable {
    let revision: Revision

    init(_ revision: Revision) { self.revision = revision }

    /// - Returns: `nil` for a text that is no mark.
    init?(_ bytes: Bytes) {
        guard let number = UInt64(bytes.description) else { return nil }
        self.init(Revision(number))
    }

    var bytes: Bytes { Bytes(revision.description) }
}

/// What one gateway knows of the compactions of all.
struct CompactionRounds: Sendable {
    /// What a gateway may do whose turn it is.
    struct Turn: Hashable {
        /// The mark's revision in etcd that must still be there; zero for none.
        let seen: Revision
        /// Up to where to compact; zero for nowhere.
        let target: Revision
    }

    var journals: JournalMarks
    /// The mark's revision in etcd at the last round; `nil` before the first one.
    private var seen: Revision?

    init(journals: JournalMarks) { self.journals = journals }

    /// - Parameter found: the mark as it is now.
    /// - Returns: `nil` when somebody has moved the mark since the last round, or when this is the
    ///   first one.
    mutating func turn(_ found: KeyValue?, at now: Duration) -> Turn? {
        let revision = found?.modified ?? .zero
        defer { seen = revision }
        guard seen == revision else { return nil }
        let marked = found.flatMap { CompactionMark($0.value) }?.revision ?? .zero
        return Turn(seen: revision, target: min(marked, journals.slowest(at: now) ?? marked))
    }

    /// This gateway has moved the mark.
    mutating func moved(to revision: Revision) { seen = revision }
}

/// How far the journals of the gateways are. One that has not moved for too long is taken for gone.
struct JournalMarks: Sendable {
    private struct Mark {
        var written: Revision
        /// When the key was last changed, in etcd's count and by our clock.
        var modified: Revision
        var seenAt: Duration
    }

    private var marks: [Bytes: Mark] = [:]
    private let patience: Duration

    /// - Parameter patience: for how long a journal that does not move holds compaction back.
    init(patience: Duration) { self.patience = patience }

    /// Takes what is in the store now.
    mutating func update(_ found: [KeyValue], at now: Duration) {
        var updated: [Bytes: Mark] = [:]
        for item in found {
            guard let written = CompactionMark(item.value)?.revision else { continue }
            let known = marks[item.key]
            let isNew = known?.modified != item.modified
            updated[item.key] = Mark(
                written: written, modified: item.modified,
                seenAt: isNew ? now : known?.seenAt ?? now)
        }
        marks = updated
    }

    /// The position of the slowest journal that still counts; `nil` when none does.
    func slowest(at now: Duration) -> Revision? {
        marks.values.filter { now - $0.seenAt < patience }.map(\.written).min()
    }
}
