// Positions that memory does not reach back to, one case at a time.

import Buffers
import Storage
import Synchronization
import Testing

@testable import WatchCache

/// The history of a store, which may refuse to be read and counts how often it is.
final class WatchedHistory: EventHistory {
    private struct State {
        var failure: StorageError?
        var requests: [HistoryRequest] = []
    }

    let store: MemoryStore
    private let state = Mutex(State())

    init(_ store: MemoryStore) { self.store = store }

    var oldestPosition: Revision { store.oldestPosition }
    var requests: [HistoryRequest] { state.withLock { $0.requests } }
    var positions: [Revision] { requests.map(\.position) }
    func fail(with error: StorageError?) { state.withLock { $0.failure = error } }

    func events(_ request: HistoryRequest) async throws(StorageError) -> HistoryPage {
        let failure = state.withLock { state in
            state.requests.append(request)
            return state.failure
        }
        if let failure { throw failure }
        return try await store.events(request)
    }
}

/// A store with a past, and a cache that has little of it in memory.
struct PastBench {
    let store = MemoryStore()
    let history: WatchedHistory
    let cache: Cache
    let loop = ManualLoop()
    let demux: Demux
    let encoder = TextEncoder()

    /// - Parameters:
    ///   - count: pods `p0` to `p9`, put in turns.
    ///   - recalled: how many of the newest events are in memory.
    ///   - write: what is written after that and before the cache is loaded.
    init(
        count: Int, recalled: Int = 0, adjust: (inout WatchCache.Limits) -> Void = { _ in },
        write: (MemoryStore) async throws -> Void = { _ in }
    ) async throws {
        history = WatchedHistory(store)
        for number in 0..<count { try await Self.put(store, number) }
        try await write(store)
        var limits = WatchCache.Limits()
        limits.recalledRevisionCount = recalled
        adjust(&limits)
        cache = Cache(
            store: store, history: history, resources: [Samples.pods, Samples.nodes],
            limits: limits)
        try await cache.load()
        demux = loop.demux(cache)
    }

    static func put(_ store: MemoryStore, _ number: Int) async throws {
        let pod = Samples.pod("p\(number % 10)", node: "n\(number % 3)")
        _ = try await store.commit(Transaction(operations: [.put(Key(pod.key), pod.value)]))
    }

    func watch(
        _ selection: Selection = Selection(), after revision: UInt64
    ) -> (sink: RecordingSink, watcher: Watcher) {
        let sink = RecordingSink()
        let request = WatchRequest(
            filter: cache.pods.filter(selection), start: .after(Revision(revision)),
            encoder: encoder)
        return (sink, demux.watch(cache.pods, request, sink: sink))
    }

    /// Runs the loop until nobody reads any more.
    func settle() async {
        loop.runAll()
        while demux.counts.reading + demux.counts.readingPast > 0 || loop.jobCount > 0 {
            await Task.yield()
            loop.runAll()
        }
    }

    func apply(_ range: ClosedRange<UInt64>) async throws {
        for revision in range {
            let pod = Samples.pod("p\(revision % 10)")
            _ = try await store.commit(Transaction(operations: [.put(Key(pod.key), pod.value)]))
            cache.apply(Samples.put(pod, revision))
        }
    }
}

@Suite struct PastTests {
    @Test func `a loaded cache has the newest events in memory and knows where the rest is`()
        async throws
    {
        let bench = try await PastBench(count: 100, recalled: 30)
        #expect(bench.cache.pods.oldestInMemory == Revision(70))
        #expect(bench.cache.pods.oldestRevision == .zero)
        #expect(bench.cache.pods.logSize.eventCount == 30)
        try await bench.store.compact(before: Revision(20))
        #expect(bench.cache.pods.oldestRevision == Revision(20))
    }

    @Test func `recalled events share their objects with the present state`() async throws {
        let bench = try await PastBench(count: 100, recalled: 30)
        let present = bench.cache.pods.snapshot().object("core/pods/default/p9")
        guard case .events(let slice) = bench.cache.pods.events(after: Revision(80), limit: 100)
        else { throw StorageError.closed }
        #expect(slice.events.last?.object === present)
        #expect(slice.events[19].previous === slice.events[9].object)
    }

    @Test func `a watcher from before the start reads on from the history and joins the log`()
        async throws
    {
        let bench = try await PastBench(count: 100, recalled: 30)
        let (sink, watcher) = bench.watch(after: 10)
        bench.loop.runAll()
        #expect(bench.demux.counts.readingPast == 1)
        await bench.settle()
        #expect(watcher.state == .live)
        try await bench.apply(101...105)
        bench.loop.runAll()
        #expect(
            sink.headlines
                == (11...105).map { "MODIFIED core/pods/default/p\(Self.name($0)) \($0)" })
        #expect(bench.cache.pastCounts.eventCount == 90)
    }

    /// The bench puts `p0` first, at revision 1; later ones are named after their revision.
    private static func name(_ revision: Int) -> Int {
        revision <= 100 ? (revision - 1) % 10 : revision % 10
    }

    @Test func `a selector reads the past as it would have read it then`() async throws {
        let bench = try await PastBench(count: 40)
        let selection = Selection(fields: [FieldRequirement(.field(0), "n0")])
        let (sink, _) = bench.watch(selection, after: 30)
        await bench.settle()
        let expected = (30..<40).compactMap { number -> String? in
            let (was, now) = ((number - 10) % 3 == 0, number % 3 == 0)
            if !was && !now { return nil }
            let word = was ? (now ? "MODIFIED" : "DELETED") : "ADDED"
            return "\(word) core/pods/default/p\(number % 10) \(number + 1)"
        }
        #expect(sink.headlines == expected)
    }

    @Test func `watchers that resume together read the history once`() async throws {
        let bench = try await PastBench(count: 500)
        let watches = (0..<100).map { _ in bench.watch(after: 0) }
        await bench.settle()
        for (sink, _) in watches { #expect(sink.frames.count == 500) }
        #expect(Set(bench.history.positions).count * 3 > bench.history.positions.count)
        #expect(bench.history.positions.count < 100)
    }

    @Test func `a watcher that is alone reads no more than its filter may see`() async throws {
        let bench = try await PastBench(count: 500)
        let (sink, _) = bench.watch(Selection(namespace: "default"), after: 0)
        await bench.settle()
        #expect(sink.frames.count == 500)
        let ranges = Set(bench.history.requests.map(\.range))
        #expect(ranges == [.prefix("core/pods/default/")])
    }

    @Test func `watchers of one object each read that object's history alone`() async throws {
        let bench = try await PastBench(count: 500)
        let watches = (0..<10).map { number in
            bench.watch(Selection(namespace: "default", name: "p\(number)"), after: 0)
        }
        await bench.settle()
        for (sink, _) in watches { #expect(sink.frames.count == 50) }
        #expect(bench.history.requests.allSatisfy { $0.range.onlyKey != nil })
    }

    @Test func `a lagging watcher whose position leaves memory reads on from the history`()
        async throws
    {
        let bench = try await PastBench(count: 0) { $0.logByteCountMax = 5_000 }
        let (slow, watcher) = bench.watch(after: 0)
        slow.answer = .full
        try await bench.apply(1...1)
        bench.loop.runAll()
        for revision in 2...200 as ClosedRange<UInt64> {
            try await bench.apply(revision...revision)
            bench.loop.runAll()
        }
        bench.demux.sendBookmarks()
        #expect(bench.cache.pods.oldestInMemory > Revision(100))
        #expect(watcher.state == .behind && slow.endReason == nil)
        slow.answer = .ready
        watcher.resume()
        await bench.settle()
        #expect(slow.frames.count == 200 && slow.endReason == nil)
        #expect(watcher.state == .live)
    }

    @Test func `a loop that stood still for longer than memory reaches loses nobody`()
        async throws
    {
        let bench = try await PastBench(count: 0) { $0.logByteCountMax = 5_000 }
        let (live, _) = bench.watch(after: 0)
        let (parked, watcher) = bench.watch(after: 0)
        parked.answer = .full
        try await bench.apply(1...1)
        bench.loop.runAll()
        try await bench.apply(2...200)
        await bench.settle()
        parked.answer = .ready
        watcher.resume()
        await bench.settle()
        #expect(live.frames.count == 200 && parked.frames == live.frames)
    }

    @Test func `a position before the window ends with the oldest that can be resumed`()
        async throws
    {
        let bench = try await PastBench(count: 100)
        try await bench.store.compact(before: Revision(40))
        let (late, _) = bench.watch(after: 39)
        let (just, _) = bench.watch(after: 40)
        await bench.settle()
        #expect(late.endReason == .expired(oldest: Revision(40)))
        #expect(just.endReason == nil && just.frames.count == 60)
    }

    @Test func `a window that moves past a reader tells it so`() async throws {
        let bench = try await PastBench(count: 100) { $0.readingCountPerTurn = 10 }
        let (sink, watcher) = bench.watch(after: 0)
        sink.answer = .full
        while sink.frames.isEmpty {
            bench.loop.runAll()
            await Task.yield()
        }
        let seen = sink.frames.count
        try await bench.store.compact(before: Revision(90))
        sink.answer = .ready
        watcher.resume()
        await bench.settle()
        // What had been read by then may still come.
        #expect(sink.frames.count >= seen && sink.frames.count < 90)
        #expect(sink.endReason == .expired(oldest: Revision(90)))
    }

    @Test func `a history that cannot be read ends its watchers and is reported`() async throws {
        let bench = try await PastBench(count: 100, recalled: 10)
        bench.history.fail(with: .corrupted(reason: "by the test"))
        let (past, _) = bench.watch(after: 50)
        let (near, _) = bench.watch(after: 95)
        await bench.settle()
        #expect(past.endReason == .expired(oldest: Revision(90)))
        #expect(near.frames.count == 5 && near.endReason == nil)
    }

    @Test func `a cache is loaded also when its history cannot be read`() async throws {
        let store = MemoryStore()
        for number in 0..<20 { try await PastBench.put(store, number) }
        let history = WatchedHistory(store)
        history.fail(with: .unavailable(reason: "by the test"))
        let reports = Mutex<[CacheReport]>([])
        let cache = Cache(
            store: store, history: history, resources: [Samples.pods],
            report: { report in reports.withLock { $0.append(report) } })
        try await cache.load()
        #expect(cache.pods.snapshot().count == 10)
        #expect(cache.pods.oldestInMemory == Revision(20))
        #expect(
            reports.withLock { $0 } == [.unreadable(.unavailable(reason: "by the test"))])
    }

    @Test func `a watcher that leaves while it waits for the history is forgotten`() async throws {
        let bench = try await PastBench(count: 100)
        let watches = (0..<20).map { _ in bench.watch(after: 0) }
        bench.loop.runAll()
        for (_, watcher) in watches { watcher.cancel() }
        #expect(bench.demux.counts == WatcherCounts())
        while bench.demux.hasReaders {
            bench.loop.runAll()
            await Task.yield()
        }
        for (sink, _) in watches { #expect(sink.endReason == nil) }
    }
}
