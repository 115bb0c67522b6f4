// The fan-out of events to the watchers of one event loop.

import Buffers
import Storage
import Synchronization

/// How many watchers there are, by what they are doing.
public struct WatcherCounts: Hashable, Sendable {
    public var live = 0
    /// Read initial events or the log by themselves.
    public var reading = 0
    /// Read events that are no longer in memory, or wait for their turn to.
    public var readingPast = 0
    /// Wait for their sinks and have missed nothing.
    public var parked = 0
    /// Wait for their sinks and have something to read from the log.
    public var behind = 0
}

/// The watchers of one loop. Everything but `wake` is used on that loop only.
///
/// The cache wakes it after each batch, once until it has run. It then matches the new events of
/// each resource, a slice at a time, and gives way to the loop's other work in between.
public final class Demux: @unchecked Sendable {
    // Reason: but for `isWoken`, used on one loop; `assertConfined` checks that at each entry.

    /// Puts work at the end of the loop's queue. May be called on any thread.
    public typealias Execute = @Sendable (@escaping @Sendable () -> Void) -> Void

    private let cache: Cache
    let execute: Execute
    let assertConfined: @Sendable () -> Void
    private let isWoken = Atomic<Bool>(false)

    private var fanouts: [ObjectIdentifier: Fanout] = [:]
    /// Those that read by themselves, in the order of their turns.
    private var readers: ContiguousArray<Watcher> = []
    /// Those that read what memory does not have.
    let pastLine: PastLine
    private var isShutDown = false

    /// - Parameters:
    ///   - execute: puts work at the end of the loop's queue.
    ///   - assertConfined: traps when it is not called on the loop.
    public init(
        cache: Cache, execute: @escaping Execute,
        assertConfined: @escaping @Sendable () -> Void = {}
    ) {
        self.cache = cache
        self.execute = execute
        pastLine = PastLine(execute: execute, limits: cache.common.limits)
        self.assertConfined = assertConfined
        cache.add(self)
    }

    // MARK: Watchers

    /// Begins to show events to `sink`, from the loop's next turn on.
    /// - Precondition: `request.filter` was compiled by `resource`, which is one of the cache or of
    ///   a cache beside it.
    public func watch(
        _ resource: ResourceCache, _ request: WatchRequest, sink: any WatchSink
    ) -> Watcher {
        assertConfined()
        precondition(!isShutDown, "a watcher after the shutdown")
        let name = ObjectIdentifier(resource)
        let fanout = fanouts[name] ?? Fanout(resource, demux: self)
        fanouts[name] = fanout
        let watcher = fanout.add(request, sink)
        // What was applied since the fan-out last looked may have been announced before it
        // existed.
        wake()
        return watcher
    }

    /// Sends a bookmark to every watcher that wants them and was sent nothing since the last call.
    /// - Parameters:
    ///   - part: which part of the watchers, from 0 on; calling for one after another spreads the
    ///     work.
    ///   - partCount: how many parts there are.
    public func sendBookmarks(part: Int = 0, of partCount: Int = 1) {
        assertConfined()
        precondition(part >= 0 && part < partCount, "part \(part) of \(partCount)")
        turn()
        for fanout in fanouts.values { fanout.sendBookmarks(part: part, of: partCount) }
    }

    /// Sends a last bookmark to those that want them, and ends all watchers.
    public func shutDown() {
        assertConfined()
        guard !isShutDown else { return }
        turn()
        isShutDown = true
        for fanout in fanouts.values {
            for watcher in fanout.watchers { fanout.sendBookmark(watcher) }
            fanout.endAll(.shutdown)
        }
        fanouts = [:]
        readers = []
        pastLine.removeAll()
        cache.remove(self)
    }

    public var counts: WatcherCounts {
        assertConfined()
        var counts = WatcherCounts()
        for watcher in fanouts.values.lazy.flatMap(\.watchers) {
            switch watcher.state {
            case .live: counts.live += 1
            case .reading: counts.reading += 1
            case .readingPast: counts.readingPast += 1
            case .parked: counts.parked += 1
            case .behind: counts.behind += 1
            case .ended: break
            }
        }
        return counts
    }

    // MARK: Turns

    /// Asks for a turn, if none has been asked for since the last one began. On any thread.
    func wake() {
        guard !isWoken.exchange(true, ordering: .sequentiallyConsistent) else { return }
        execute { [weak self] in self?.turn() }
    }

    private func turn() {
        assertConfined()
        // Before the progress is read: what is applied after that wakes again.
        isWoken.store(false, ordering: .sequentiallyConsistent)
        guard !isShutDown else { return }
        endVoidWatchers()
        var budget = cache.common.limits.deliveryCountPerTurn
        var isDone = true
        // Resources of one cache are all advanced to the same revision, or a later one.
        for fanout in fanouts.values
        where !fanout.advance(to: fanout.resource.common.progress.applied, &budget) {
            isDone = false
        }
        letReadersRead()
        if !isDone || !readers.isEmpty { wake() }
    }

    /// Ends the watchers whose resource is gone, or whose positions mean nothing any more.
    private func endVoidWatchers() {
        for (name, fanout) in fanouts where fanout.resource.isRemoved {
            fanout.endAll(.removed)
            fanouts[name] = nil
        }
        for (name, fanout) in fanouts where fanout.isVoid {
            fanout.endAll(.expired(oldest: fanout.resource.oldestRevision))
            fanouts[name] = nil
        }
    }

    // MARK: Readers

    /// Whether watchers read by themselves.
    var hasReaders: Bool { !readers.isEmpty || !pastLine.isEmpty }

    /// Lets `watcher`, whose position is older than memory, read from the history, in its turn.
    /// Ends it when there is no such history.
    func readPast(_ watcher: Watcher) {
        let fanout = watcher.fanout
        let oldest = fanout.resource.oldestRevision
        guard watcher.position >= oldest, let past = fanout.resource.past else {
            fanout.end(watcher, .expired(oldest: oldest))
            return
        }
        watcher.state = .readingPast
        pastLine.append(watcher, past)
    }

    func enqueue(_ watcher: Watcher) {
        guard !watcher.isQueued else { return }
        watcher.isQueued = true
        readers.append(watcher)
        wake()
    }

    /// Gives each reader that waits now one piece, up to a number of them.
    private func letReadersRead() {
        let count = min(readers.count, Self.readerCountPerTurn)
        let now = readers.prefix(count)
        readers.removeFirst(count)
        for watcher in now {
            watcher.isQueued = false
            if watcher.state == .reading { watcher.fanout.readPiece(watcher) }
        }
    }

    /// A piece may take half a millisecond.
    private static let readerCountPerTurn = 8
}
