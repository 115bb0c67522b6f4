import Buffers
import Storage
import Testing

@testable import WatchCache

/// A cache, a loop and a demux.
private struct Bench {
    let cache: Cache
    let loop = ManualLoop()
    let demux: Demux
    let encoder = TextEncoder()

    init(limits: WatchCache.Limits = WatchCache.Limits()) async throws {
        cache = try await Samples.emptyCache(limits: limits)
        demux = loop.demux(cache)
    }

    func watch(
        _ selection: Selection = Selection(), after revision: UInt64 = 0, bookmarks: Bool = false
    ) -> (sink: RecordingSink, watcher: Watcher) {
        let sink = RecordingSink()
        let request = WatchRequest(
            filter: cache.pods.filter(selection), start: .after(Revision(revision)),
            encoder: encoder, wantsBookmarks: bookmarks)
        return (sink, demux.watch(cache.pods, request, sink: sink))
    }
}

@Suite struct DemuxTests {
    @Test func `a demux is woken once until it has run`() async throws {
        let bench = try await Bench()
        let (sink, _) = bench.watch()
        bench.loop.runAll()
        for revision in 1...50 as ClosedRange<UInt64> {
            bench.cache.apply(Samples.put(Samples.pod("a"), revision))
        }
        #expect(bench.loop.jobCount == 1)
        bench.loop.runAll()
        #expect(sink.frames.count == 50)
        #expect(sink.deliveries.count == 1 && sink.deliveries[0].through == Revision(50))
    }

    @Test func `it shows the resources of a cache beside its own, as far as that has come`()
        async throws
    {
        let bench = try await Bench()
        let beside = Cache(
            store: MemoryStore(), resources: [Samples.pods], beside: bench.cache)
        try await beside.load()
        let sink = RecordingSink()
        let request = WatchRequest(
            filter: beside.pods.filter(Selection()), start: .after(.zero), encoder: bench.encoder)
        _ = bench.demux.watch(beside.pods, request, sink: sink)
        bench.cache.apply(Samples.put(Samples.pod("a"), 1), Samples.put(Samples.pod("b"), 2))
        bench.loop.runAll()
        #expect(sink.frames.isEmpty)
        beside.apply(Samples.put(Samples.pod("a"), 1))
        bench.loop.runAll()
        #expect(sink.headlines == ["ADDED core/pods/default/a 1"])
    }

    @Test func `an event is encoded once for all who see it the same way`() async throws {
        let bench = try await Bench()
        let all = (0..<100).map { _ in bench.watch() }
        let web = (0..<100).map { _ in
            bench.watch(Selection(labels: [.isIn("app", ["web"])]))
        }
        bench.cache.apply(Samples.put(Samples.pod("a", labels: ["app": "web"]), 1))
        bench.cache.apply(Samples.put(Samples.pod("a", labels: ["app": "db"]), 2))
        bench.loop.runAll()
        for (sink, _) in all {
            #expect(
                sink.headlines == [
                    "ADDED core/pods/default/a 1", "MODIFIED core/pods/default/a 2",
                ])
        }
        for (sink, _) in web {
            #expect(
                sink.headlines == [
                    "ADDED core/pods/default/a 1", "DELETED core/pods/default/a 2",
                ])
            #expect(sink.frames[1].contains("app=web"))
            #expect(sink.frames[1].contains(#""resourceVersion":"2""#))
        }
        #expect(bench.encoder.encodedCount == 3)
    }

    @Test func `what one delivery holds is bounded in bytes, but for one transaction`()
        async throws
    {
        var limits = WatchCache.Limits()
        limits.sliceByteCount = 1_000
        let bench = try await Bench(limits: limits)
        let (sink, _) = bench.watch()
        bench.loop.runAll()
        var pod = Samples.pod("a")
        pod.filler = String(repeating: "x", count: 400)
        for revision in 1...12 as ClosedRange<UInt64> {
            bench.cache.apply(Samples.put(pod, revision))
        }
        let large = (0..<5).map { number in
            Event(
                revision: Revision(13), key: Key("core/pods/default/b\(number)"),
                change: .put(pod.value), previous: nil)
        }
        bench.cache.apply(EventBatch(events: large, through: Revision(13)))
        bench.loop.runAll()
        #expect(sink.frames.count == 17)
        #expect(sink.deliveries.dropLast().allSatisfy { $0.count <= 3 })
        #expect(sink.deliveries.last?.count == 5)
    }

    @Test func `a full sink is left alone and reads on from the log`() async throws {
        let bench = try await Bench()
        let (slow, watcher) = bench.watch()
        let (quick, _) = bench.watch()
        slow.answer = .full
        for revision in 1...20 as ClosedRange<UInt64> {
            bench.cache.apply(Samples.put(Samples.pod("a"), revision))
            bench.loop.runAll()
        }
        #expect(slow.frames.count == 1 && quick.frames.count == 20)
        #expect(watcher.state == .behind && watcher.deliveredThrough == Revision(1))
        #expect(bench.demux.counts == WatcherCounts(live: 1, behind: 1))
        slow.answer = .ready
        watcher.resume()
        bench.loop.runAll()
        #expect(slow.frames == quick.frames)
        #expect(watcher.state == .live)
    }

    @Test func `a full sink that misses nothing needs no log`() async throws {
        var limits = WatchCache.Limits()
        limits.logByteCountMax = 5_000
        let bench = try await Bench(limits: limits)
        let (sink, watcher) = bench.watch(Selection(namespace: "quiet"))
        sink.answer = .full
        bench.cache.apply(Samples.put(Samples.pod("a", namespace: "quiet"), 1))
        bench.loop.runAll()
        for revision in 2...200 as ClosedRange<UInt64> {
            bench.cache.apply(Samples.put(Samples.pod("a", namespace: "busy"), revision))
            bench.loop.runAll()
        }
        #expect(bench.cache.pods.oldestRevision > Revision(100))
        #expect(watcher.state == .parked && watcher.deliveredThrough == Revision(200))
        watcher.resume()
        bench.cache.apply(Samples.put(Samples.pod("b", namespace: "quiet"), 201))
        bench.loop.runAll()
        #expect(
            sink.headlines == ["ADDED core/pods/quiet/a 1", "ADDED core/pods/quiet/b 201"])
        #expect(sink.endReason == nil)
    }

    @Test func `a watcher whose position has left the window ends`() async throws {
        var limits = WatchCache.Limits()
        limits.logByteCountMax = 5_000
        let bench = try await Bench(limits: limits)
        let (sink, watcher) = bench.watch()
        let (abandoned, _) = bench.watch()
        for each in [sink, abandoned] { each.answer = .full }
        for revision in 1...200 as ClosedRange<UInt64> {
            bench.cache.apply(Samples.put(Samples.pod("a"), revision))
            bench.loop.runAll()
        }
        watcher.resume()
        bench.loop.runAll()
        let expired = WatchEnd.expired(oldest: bench.cache.pods.oldestRevision)
        #expect(sink.endReason == expired && abandoned.endReason == nil)
        // One that never has room again is found when bookmarks are due.
        bench.demux.sendBookmarks()
        #expect(abandoned.endReason == expired)
        let (late, _) = bench.watch(after: 1)
        bench.loop.runAll()
        #expect(late.endReason == expired)
    }

    @Test func `initial events come in key order, then a mark, then what followed`() async throws {
        var limits = WatchCache.Limits()
        limits.readingCountPerTurn = 4
        let bench = try await Bench(limits: limits)
        for revision in 1...10 as ClosedRange<UInt64> {
            bench.cache.apply(Samples.put(Samples.pod("p\(10 - revision)"), revision))
        }
        let snapshot = bench.cache.pods.snapshot()
        let sink = RecordingSink()
        let request = WatchRequest(
            filter: bench.cache.pods.filter(Selection()),
            start: .initial(snapshot, marksEnd: true), encoder: bench.encoder)
        let watcher = bench.demux.watch(bench.cache.pods, request, sink: sink)
        bench.cache.apply(Samples.delete("core/pods/default/p0", 11))
        sink.answer = .full
        bench.loop.runAll()
        #expect(sink.frames.count == 4 && watcher.deliveredThrough == .zero)
        sink.answer = .ready
        watcher.resume()
        bench.loop.runAll()
        #expect(
            sink.headlines
                == (0..<10).map { "ADDED core/pods/default/p\($0) \(10 - $0)" }
                + ["END  10", "DELETED core/pods/default/p0 11"])
    }

    @Test func `bookmarks go to those who want them and were sent nothing`() async throws {
        let bench = try await Bench()
        let (idle, _) = bench.watch(Selection(namespace: "quiet"), bookmarks: true)
        let (busy, _) = bench.watch(bookmarks: true)
        let (other, _) = bench.watch(Selection(namespace: "quiet"))
        bench.cache.apply(Samples.put(Samples.pod("a"), 1))
        bench.demux.sendBookmarks()
        #expect(idle.headlines == ["BOOKMARK  1"])
        #expect(busy.headlines == ["ADDED core/pods/default/a 1"])
        bench.cache.apply(Samples.put(Sample(key: "core/nodes/n"), 2))
        bench.demux.sendBookmarks()
        #expect(idle.headlines == ["BOOKMARK  1", "BOOKMARK  2"])
        #expect(busy.headlines.last == "BOOKMARK  2")
        #expect(other.frames.isEmpty)
    }

    @Test func `a sink may cancel or open watchers while it is served`() async throws {
        let bench = try await Bench()
        let watched = (0..<5).map { _ in bench.watch() }
        var opened: [RecordingSink] = []
        for (sink, _) in watched {
            sink.onDelivery = {
                for (_, watcher) in watched { watcher.cancel() }
                opened.append(bench.watch(after: 1).sink)
            }
        }
        bench.cache.apply(Samples.put(Samples.pod("a"), 1))
        bench.loop.runAll()
        #expect(watched.reduce(0) { $0 + $1.sink.frames.count } == 1)
        #expect(opened.count == 1)
        bench.cache.apply(Samples.put(Samples.pod("b"), 2))
        bench.loop.runAll()
        #expect(opened[0].headlines == ["ADDED core/pods/default/b 2"])
        #expect(bench.demux.counts == WatcherCounts(live: 1))
    }

    @Test func `work for many watchers gives way to other work of the loop`() async throws {
        var limits = WatchCache.Limits()
        limits.deliveryCountPerTurn = 10
        let bench = try await Bench(limits: limits)
        let sinks = (0..<35).map { _ in bench.watch().sink }
        bench.loop.runAll()
        bench.cache.apply(Samples.put(Samples.pod("a"), 1))
        var served: [Int] = []
        while bench.loop.runOne() { served.append(sinks.reduce(0) { $0 + $1.frames.count }) }
        #expect(served == [10, 20, 30, 35])
    }

    @Test func `watchers end with their resource and with the process`() async throws {
        let bench = try await Bench()
        let (gone, _) = bench.watch()
        let nodes = RecordingSink()
        let request = WatchRequest(
            filter: bench.cache.nodes.filter(Selection()), start: .after(.zero),
            encoder: bench.encoder, wantsBookmarks: true)
        _ = bench.demux.watch(bench.cache.nodes, request, sink: nodes)
        bench.cache.remove("core/pods")
        bench.loop.runAll()
        #expect(gone.endReason == .removed && nodes.endReason == nil)
        bench.demux.shutDown()
        #expect(nodes.endReason == .shutdown && nodes.headlines == ["BOOKMARK  0"])
    }
}
