// What all resources of a cache share.

import Storage
import Synchronization

/// The tables, budgets and counters that belong to a cache as a whole.
final class CacheCommon: Sendable {
    let limits: Limits
    let clock: CacheClock
    let report: @Sendable (CacheReport) -> Void
    let interning = InternTable()
    let progress = Progress()
    let leafBudget: LeafBudget
    let figures: CacheFigures
    let suspects = Suspects()
    let refused = Atomic<Int>(0)
    /// Where the events are that memory has no room for; `nil` when they are nowhere.
    let history: (any EventHistory)?
    private let floor = Atomic<UInt64>(0)
    private let pastSequence = Atomic<UInt64>(0)
    private let pastCounts = Mutex(PastCounts())
    private let logBytes = Atomic<Int>(0)
    private let ages = Mutex(RevisionAges())

    init(
        history: (any EventHistory)?, limits: Limits, clock: CacheClock,
        figures: CacheFigures, report: @escaping @Sendable (CacheReport) -> Void
    ) {
        self.figures = figures
        self.history = history
        self.limits = limits
        self.clock = clock
        self.report = report
        leafBudget = LeafBudget(byteCountMax: limits.leafByteCountMax)
    }

    /// What all logs together hold.
    var logByteCount: Int { logBytes.load(ordering: .relaxed) }
    func addLogBytes(_ byteCount: Int) { logBytes.add(byteCount, ordering: .relaxed) }

    // MARK: The past

    /// Positions before this belong to a store that was replaced.
    var historyFloor: Revision {
        get { Revision(floor.load(ordering: .sequentiallyConsistent)) }
        set { floor.store(newValue.rawValue, ordering: .sequentiallyConsistent) }
    }

    /// Whether a client that knows the state at `position` can go on from there.
    func isResumable(_ position: Revision) -> Bool { history?.isResumable(position) ?? true }

    /// Numbers for past events, apart from those of the log in memory, which count from 1.
    func nextPastSequence() -> UInt64 {
        1 << 60 | pastSequence.wrappingAdd(1, ordering: .relaxed).newValue
    }

    var past: PastCounts { pastCounts.withLock { $0 } }

    func countPast(_ page: HistoryPage) {
        pastCounts.withLock { counts in
            counts.pageCount += 1
            counts.eventCount += page.events.count
        }
    }

    // MARK: Ages

    func noteAge(of revision: Revision) {
        let now = clock.now()
        ages.withLock { $0.note(revision, at: now, age: limits.pagingAge) }
    }

    func isExpired(_ revision: Revision, now: ClockTime) -> Bool {
        ages.withLock { $0.isExpired(revision, at: now, age: limits.pagingAge) }
    }

    func refuse(_ key: Key, _ revision: Revision) {
        refused.add(1, ordering: .relaxed)
        report(.refused(key, revision))
    }
}

/// What has been read from the history since the start.
public struct PastCounts: Hashable, Sendable {
    public var pageCount = 0
    public var eventCount = 0
}

/// Something that an operator may want to know.
public enum CacheReport: Hashable, Sendable {
    /// This item is not of its resource's form; readers see it as absent.
    case refused(Key, Revision)
    /// The watch of the store broke; it is opened again after a wait.
    case broken(StorageError, wait: Duration)
    /// The store no longer had the events after `position`: it was listed, and `derivedEventCount`
    /// events were found by comparing.
    case relisted(after: Revision, at: Revision, derivedEventCount: Int)
    /// Past events could not be read; the watchers that asked for them must list again.
    case unreadable(StorageError)
    /// A check found the cache to differ from the store in `keyCount` keys at least, of which this
    /// is the first. They are corrected.
    case differs(CheckFinding)
    /// So many objects now show again what the store has. Watchers are told at this revision.
    case corrected(at: Revision, objectCount: Int)
    /// A resource could not be compared with the store, or what differs could not be read.
    case unchecked(resource: String, StorageError)
    /// The store has gone back or been replaced: all positions are void, and the cache starts
    /// anew.
    case rebuilt(after: Revision, at: Revision)
}
