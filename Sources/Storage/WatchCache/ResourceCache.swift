// One resource's objects and events, for readers on any thread.

import Buffers
import Observability
import Storage
import Synchronization

/// The present state and the log of one resource. The applier changes its own copy of the tree and
/// then publishes it; readers wait for it only while a reference is read.
public final class ResourceCache: Sendable {
    private struct Published {
        var tree = Tree()
        var changedAt = Revision.zero
        var log: EventLog
        var kept: KeptSnapshots
    }

    public let description: ResourceDescription
    let form: ObjectForm
    let common: CacheCommon
    let applier: Mutex<ResourceApplier>
    private let published: Mutex<Published>
    private let removed = Atomic<Bool>(false)
    /// Reads what the log does not have any more; `nil` when that is nowhere.
    let past: PastReader?
    /// What is counted of this resource.
    public let figures: ResourceFigures

    init(_ description: ResourceDescription, common: CacheCommon) {
        self.description = description
        self.common = common
        form = ObjectForm(description, interning: common.interning)
        figures = common.figures.resource(description.name)
        let (form, figures) = (form, figures)
        past = common.history.map {
            PastReader($0, form: form, common: common, figures: figures)
        }
        applier = Mutex(ResourceApplier())
        published = Mutex(
            Published(
                log: EventLog(
                    oldest: .zero, byteCountMax: common.limits.logByteCountMax),
                kept: KeptSnapshots(limits: common.limits)))
    }

    /// Every key of this resource.
    public var keyRange: KeyRange { .prefix(Key(form.keyPrefix)) }

    // MARK: State

    /// The present state.
    public func snapshot() -> Snapshot {
        // Read before the tree: the tree shows at least this much.
        let applied = common.progress.applied
        return published.withLock { published in
            snapshot(
                published.tree, at: max(applied, published.changedAt), published.changedAt)
        }
    }

    /// The present state for a reader that asked for no other; counted as such.
    public func servedSnapshot() -> Snapshot {
        figures.count(.present)
        return snapshot()
    }

    /// The state that the store had at `revision`.
    /// - Throws: `SnapshotError.expired` when the revision is older than `Limits.pagingAge` or
    ///   out of reach, `.future` when it has not been applied yet.
    public func snapshot(at revision: Revision) throws(SnapshotError) -> Snapshot {
        do throws(SnapshotError) {
            let (snapshot, origin) = try state(at: revision)
            figures.count(origin)
            return snapshot
        } catch {
            figures.count(error.origin)
            throw error
        }
    }

    private func state(at revision: Revision) throws(SnapshotError) -> (Snapshot, ReadOrigin) {
        let present = snapshot()
        if revision > present.revision { throw .future(current: present.revision) }
        if revision >= present.changedAt {
            return (snapshot(present.tree, at: revision, present.changedAt), .present)
        }
        let now = common.clock.now()
        let (kept, undo) = published.withLock { published in
            published.kept.dropExpired(now: now)
            return (
                published.kept.state(at: revision),
                published.log.read(
                    after: revision, through: present.changedAt,
                    limit: SliceLimit(eventCount: common.limits.undoneEventCountMax + 1))
            )
        }
        if let kept { return (snapshot(kept.tree, at: revision, kept.changedAt), .kept) }
        guard !common.isExpired(revision, now: now), case .events(let slice) = undo,
            slice.events.count <= common.limits.undoneEventCountMax
        else { throw .expired(oldest: oldestRevision) }
        // When it changed last is not looked for; it was not after `revision`.
        let undone = Self.undoing(slice.events, present.tree)
        return (snapshot(undone, at: revision, revision), .rebuilt)
    }

    /// Keeps `snapshot` for `Limits.pagingAge`, for the next page of a list.
    public func retainForPaging(_ snapshot: Snapshot) {
        let now = common.clock.now()
        published.withLock { $0.kept.keep(snapshot, now: now) }
    }

    private func snapshot(_ tree: Tree, at revision: Revision, _ changedAt: Revision) -> Snapshot {
        Snapshot(tree: tree, budget: common.leafBudget, revision: revision, changedAt: changedAt)
    }

    private static func undoing(_ events: [LogEvent], _ tree: Tree) -> Tree {
        var tree = tree
        for event in events.reversed() {
            if let previous = event.previous {
                tree.insert(previous)
            } else {
                tree.remove(event.object.key)
            }
        }
        return tree
    }

    // MARK: Log

    /// The oldest position that a watch can resume from: where the window begins.
    public var oldestRevision: Revision {
        let inMemory = oldestInMemory
        return past.map { min(inMemory, $0.oldest) } ?? inMemory
    }

    /// The oldest position that the log in memory can be read after.
    public var oldestInMemory: Revision { published.withLock { $0.log.oldest } }

    /// How whoever goes on from `position` begins.
    public func start(after position: Revision) -> StartOutcome {
        if position >= oldestInMemory { return .memory }
        return position >= oldestRevision ? .disk : .expired
    }

    /// The events after `position` that have been applied and are in memory: whole transactions,
    /// and no more of them than it takes to have `limit` events.
    public func events(after position: Revision, limit: Int) -> LogReading {
        events(
            after: position, through: common.progress.applied, limit: SliceLimit(eventCount: limit))
    }

    func events(after position: Revision, through end: Revision, limit: SliceLimit) -> LogReading {
        published.withLock { $0.log.read(after: position, through: end, limit: limit) }
    }

    /// How many bytes and events the log holds.
    public var logSize: (byteCount: Int, eventCount: Int) {
        published.withLock { ($0.log.byteCount, $0.log.count) }
    }

    /// Drops the oldest part of the log and returns how many bytes that were.
    func dropOldestEvents() -> Int {
        // Freed after the lock is given back.
        let dropped = published.withLock { $0.log.dropOldest() }
        common.addLogBytes(-(dropped?.byteCount ?? 0))
        return dropped?.byteCount ?? 0
    }

    // MARK: Publishing, for the applier

    func publish(_ tree: Tree, _ events: [LogEvent]) {
        guard let last = events.last else { return }
        common.addLogBytes(events.reduce(0) { $0 + $1.byteCount })
        let now = common.clock.now()
        // What only the old tree held is freed after the lock is given back.
        let old = published.withLock { published in
            let old = published.tree
            published.tree = tree
            published.changedAt = last.revision
            published.log.append(events, at: now)
            published.kept.dropExpired(now: now)
            return old
        }
        figures.eventsApplied.increment(by: UInt64(events.count))
        withExtendedLifetime(old) {}
    }

    /// Starts the log anew with a state that was not derived from the one before.
    func publish(_ tree: Tree, listedAt revision: Revision) {
        published.withLock { published in
            common.addLogBytes(-published.log.byteCount)
            published.tree = tree
            published.changedAt = revision
            published.log = EventLog(
                oldest: revision, byteCountMax: common.limits.logByteCountMax)
            published.kept = KeptSnapshots(limits: common.limits)
        }
    }

    /// Lets the log reach back to `oldest`; the events since then follow by `recall`. Only while
    /// nobody reads yet.
    func reachBack(to oldest: Revision) {
        published.withLock { published in
            common.addLogBytes(-published.log.byteCount)
            published.log = EventLog(
                oldest: oldest, byteCountMax: common.limits.logByteCountMax)
        }
    }

    /// Appends events of the past that the present state is part of.
    func recall(_ events: [LogEvent]) {
        common.addLogBytes(events.reduce(0) { $0 + $1.byteCount })
        published.withLock { $0.log.append(events) }
    }

    var isRemoved: Bool { removed.load(ordering: .sequentiallyConsistent) }

    func markRemoved() {
        removed.store(true, ordering: .sequentiallyConsistent)
        published.withLock { common.addLogBytes(-$0.log.byteCount) }
        common.figures.forget(description.name)
    }
}

/// Why the state at a revision is not to be had.
public enum SnapshotError: Error, Hashable, Sendable {
    /// Positions before `oldest` are out of reach, and states older than `Limits.pagingAge`.
    case expired(oldest: Revision)
    /// The cache has only come to `current`.
    case future(current: Revision)

    fileprivate var origin: ReadOrigin {
        switch self {
        case .expired: .expired
        case .future: .future
        }
    }
}
