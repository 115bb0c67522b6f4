// The watch cache: every resource's state and log, kept by following the store.

import Buffers
import Observability
import Storage
import Synchronization

/// Everything that reads are served from. It changes only through the store's watch, in the order
/// of revisions, also when this process made the change.
public final class Cache: Sendable {
    let store: any Store
    let common: CacheCommon
    /// By the keys' first two segments and the slash behind them.
    private let resourcesByPrefix: Mutex<[Bytes: ResourceCache]>
    private let demuxes = Mutex<[Demux]>([])
    private let phase = Mutex(Follower.Phase())
    /// What the cache was loaded from, when that is not the store.
    private let nearby = Mutex<(any ItemSource)?>(nil)
    /// Whose watchers are also this one's.
    private let main: Cache?

    /// - Parameters:
    ///   - history: where the events are that memory has no room for, also those from before this
    ///     process; `nil` when they are nowhere.
    ///   - main: another cache, whose `Demux`es show the resources of this one, too.
    ///   - registry: where the figures of the cache are written; each registry takes one cache.
    ///   - report: told what an operator may want to know, on any thread.
    public init(
        store: any Store, history: (any EventHistory)? = nil, resources: [ResourceDescription],
        beside main: Cache? = nil, clock: CacheClock = .continuous, limits: Limits = Limits(),
        registry: MetricsRegistry = MetricsRegistry(),
        report: @escaping @Sendable (CacheReport) -> Void = { _ in }
    ) {
        self.store = store
        self.main = main
        let common = CacheCommon(
            history: history, limits: limits, clock: clock, figures: CacheFigures(registry),
            report: report)
        self.common = common
        let caches = resources.map { ResourceCache($0, common: common) }
        resourcesByPrefix = Mutex(
            Dictionary(uniqueKeysWithValues: caches.map { ($0.form.keyPrefix, $0) }))
    }

    // MARK: Reading

    /// The newest revision that every resource shows.
    public var appliedRevision: Revision { common.progress.applied }

    /// How often the state was taken anew from a store that had gone back: what was derived from
    /// it before means nothing any more.
    public var resetCount: UInt64 { common.progress.resetCount }

    /// The resource with this name, such as `core/pods`.
    public func resource(_ name: String) -> ResourceCache? {
        resourcesByPrefix.withLock { $0[Bytes(name + "/")] }
    }

    /// The resource with this name.
    /// - Precondition: the cache holds it.
    public func required(_ name: String) -> ResourceCache {
        guard let resource = resource(name) else {
            preconditionFailure("the cache does not hold \(name)")
        }
        return resource
    }

    public var resources: [ResourceCache] { resourcesByPrefix.withLock { Array($0.values) } }

    /// Waits until `revision` is applied, so that the caller reads its own write.
    /// - Returns: false when the task was cancelled first.
    public func waitUntilApplied(_ revision: Revision) async -> Bool {
        let wait = AppliedWait(common.progress)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { wait.start(for: revision, $0) }
        } onCancel: {
            wait.cancel()
        }
    }

    /// Waits until `revision` is applied, but no longer than `limit`.
    /// - Returns: whether it is applied.
    public func wait(for revision: Revision, atMost limit: Duration) async -> Bool {
        if appliedRevision >= revision { return true }
        let clock = common.clock
        return await withTaskGroup(of: Bool.self) { group in
            group.addTask { await self.waitUntilApplied(revision) }
            group.addTask {
                try? await clock.sleep(limit)
                return false
            }
            let isApplied = await group.next() ?? false
            group.cancelAll()
            return isApplied
        }
    }

    /// Runs `body` by `execute` once `revision` is applied; at once when it is.
    public func whenApplied(
        _ revision: Revision, on execute: @escaping Demux.Execute,
        _ body: @escaping @Sendable () -> Void
    ) {
        common.progress.register(revision) { _ in execute(body) }
    }

    // MARK: Resources that come and go

    /// Begins to hold a resource, and returns when it is listed: from what the cache was loaded
    /// from, also while the store is out of reach.
    /// - Precondition: no resource has this name yet.
    public func add(
        _ description: ResourceDescription
    ) async throws(StorageError) -> ResourceCache {
        let resource = ResourceCache(description, common: common)
        resourcesByPrefix.withLock { resources in
            let previous = resources.updateValue(resource, forKey: resource.form.keyPrefix)
            precondition(previous == nil, "\(description.name) is there already")
        }
        do throws(StorageError) {
            try await list(resource, from: nearby.withLock { $0 } ?? store)
        } catch {
            remove(description.name)
            throw error
        }
        return resource
    }

    /// Forgets a resource and ends its watchers.
    public func remove(_ name: String) {
        let removed = resourcesByPrefix.withLock { $0.removeValue(forKey: Bytes(name + "/")) }
        removed?.markRemoved()
        wakeDemuxes()
    }

    // MARK: Watching

    func add(_ demux: Demux) { demuxes.withLock { $0.append(demux) } }
    func remove(_ demux: Demux) { demuxes.withLock { $0.removeAll { $0 === demux } } }
    func wakeDemuxes() {
        for demux in demuxes.withLock({ $0 }) { demux.wake() }
        main?.wakeDemuxes()
    }

    // MARK: Figures

    /// Brings the figures that are looked at, not counted, up to date in the registry.
    public func refreshFigures() { common.figures.gauges.refresh(self) }

    /// How many items were not of their resource's form.
    public var refusedItemCount: Int { common.refused.load(ordering: .relaxed) }
    /// How many bytes the leaves' list forms hold.
    public var leafByteCount: Int { common.leafBudget.byteCount }
    /// How many leaves have been compressed.
    public var compressionCount: Int { common.leafBudget.compressionCount }
    /// What has been read from the history.
    public var pastCounts: PastCounts { common.past }
    /// How many label texts and label sets are held.
    public var internedCount: Int { common.interning.count }

    // MARK: Following, see Follower

    func noteNearby(_ source: any ItemSource) { nearby.withLock { $0 = source } }

    var byPrefix: [Bytes: ResourceCache] { resourcesByPrefix.withLock { $0 } }

    /// - Precondition: the cache is not loaded and not following already.
    func enter(_ next: Follower.Phase.Step) { phase.withLock { $0.enter(next) } }
    func leaveFollowing() { phase.withLock { $0.leaveFollowing() } }
}

/// One task that waits for a revision. Ends once, by whatever comes first.
private final class AppliedWait: Sendable {
    private struct State {
        var number: UInt64?
        var isCancelled = false
    }

    private let progress: Progress
    private let state = Mutex(State())

    init(_ progress: Progress) { self.progress = progress }

    func start(for revision: Revision, _ continuation: CheckedContinuation<Bool, Never>) {
        let number = progress.register(revision) { continuation.resume(returning: $0) }
        let isCancelled = state.withLock { state in
            state.number = number
            return state.isCancelled
        }
        if isCancelled, let number { progress.cancel(number) }
    }

    func cancel() {
        let number = state.withLock { state in
            state.isCancelled = true
            return state.number
        }
        if let number { progress.cancel(number) }
    }
}
