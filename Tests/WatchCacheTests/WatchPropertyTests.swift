// The guarantees of a watch, on random histories with random sinks.

import Buffers
import SeedTesting
import Storage
import StorageTesting
import Testing

@testable import WatchCache

/// One run: a cache, its history, and watchers that come and go.
private final class WatchSimulation {
    let cache: Cache
    var random: SeededGenerator
    let loop = ManualLoop()
    let demux: Demux
    var model = WatchModel()
    var revision: UInt64 = 0
    var watches: [CheckedWatch] = []
    var encoder = TextEncoder()
    private(set) var expiredCount = 0
    private(set) var seenFrameCount = 0
    private(set) var seenBookmarkCount = 0

    init(_ cache: Cache, seed: UInt64) {
        self.cache = cache
        random = SeededGenerator(seed: seed)
        demux = loop.demux(cache)
    }

    private func chance(_ percent: Int) -> Bool { random.chance(percent) }

    // MARK: History

    /// One to four transactions of one to three changes, now and then of another resource.
    func applyBatch() {
        var events: [Event] = []
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            revision += 1
            if chance(15) {
                events.append(Samples.put(Sample(key: "core/nodes/n1"), revision))
                continue
            }
            var keys: Set<String> = []
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let sample = random.pod()
                guard keys.insert(sample.key).inserted else { continue }
                if chance(30) {
                    guard model.present[sample.key] != nil else { continue }
                    model.delete(sample.key, revision)
                    events.append(Samples.delete(sample.key, revision))
                } else {
                    model.put(sample, revision)
                    events.append(Samples.put(sample, revision))
                }
            }
        }
        cache.apply(EventBatch(events: events, through: Revision(revision)))
    }

    // MARK: Watchers

    func open() {
        let selection = random.selection()
        if chance(35) {
            let snapshot = cache.pods.snapshot()
            start(selection, at: snapshot.revision.rawValue, .initial(snapshot, marksEnd: true))
        } else {
            let oldest = cache.pods.oldestRevision.rawValue
            let position = UInt64.random(in: oldest...max(oldest, revision + 2), using: &random)
            start(selection, at: position, .after(Revision(position)))
        }
    }

    private func start(_ selection: Selection, at position: UInt64, _ start: WatchRequest.Start) {
        let isInitial = if case .initial = start { true } else { false }
        let watch = CheckedWatch(
            selection, start: position, isInitial: isInitial, wantsBookmarks: chance(50),
            model: { [unowned self] in model })
        watch.answer = { [unowned self] in
            if chance(25) { return .full }
            return chance(3) ? .closed : .ready
        }
        let request = WatchRequest(
            filter: cache.pods.filter(selection), start: start, encoder: encoder,
            wantsBookmarks: watch.wantsBookmarks)
        watch.watcher = demux.watch(cache.pods, request, sink: watch)
        watches.append(watch)
    }

    func resumeSome(percent: Int) {
        for watch in watches where watch.isFull && chance(percent) {
            watch.isFull = false
            watch.watcher?.resume()
        }
    }

    /// Drops a connection, and comes back where it was.
    func reconnect() {
        guard let watch = watches.randomElement(using: &random), watch.initialAt == nil else {
            return
        }
        watch.watcher?.cancel()
        watch.isClosed = true
        guard watch.through >= cache.pods.oldestRevision.rawValue else { return }
        start(watch.selection, at: watch.through, .after(Revision(watch.through)))
    }

    func sweep() {
        for watch in watches where watch.endReason != nil || watch.isClosed {
            seenFrameCount += watch.frameCount
            seenBookmarkCount += watch.bookmarkCount
            guard case .expired(let oldest) = watch.endReason else { continue }
            expiredCount += 1
            // Only a watcher whose position is out of the window is cut off.
            #expect(watch.through < oldest.rawValue)
        }
        watches.removeAll { $0.endReason != nil || $0.isClosed }
    }

    func step() {
        switch Int.random(in: 0..<100, using: &random) {
        case ..<35: applyBatch()
        case ..<60: loop.runOne()
        case ..<70: if watches.count < 40 { open() }
        case ..<88: resumeSome(percent: 30)
        case ..<92: reconnect()
        case ..<96: demux.sendBookmarks(part: 0, of: chance(50) ? 1 : 2)
        default: sweep()
        }
    }

    /// Lets everyone catch up.
    func settle() {
        for watch in watches { watch.answer = { .ready } }
        resumeSome(percent: 100)
        loop.runAll()
        demux.sendBookmarks()
        demux.sendBookmarks()
        sweep()
        for watch in watches {
            #expect(watch.initialAt == nil)
            #expect(watch.watcher?.state == .live)
            let missing = model.frames(watch.selection, after: watch.through, through: .max)
            #expect(missing.isEmpty)
            if watch.wantsBookmarks { #expect(watch.through >= revision) }
        }
    }
}

@Suite struct WatchPropertyTests {
    @Test(arguments: [64 << 20, 60_000])
    func `events are ordered, unique, reliable, atomic, resumable and bookmarkable`(
        logByteCount: Int
    ) async throws {
        let seed = SeededGenerator().seed
        try await check(seed: seed, stepCount: 3_000, logByteCount: logByteCount)
    }

    private func check(seed: UInt64, stepCount: Int, logByteCount: Int) async throws {
        var limits = WatchCache.Limits()
        limits.logByteCountMax = logByteCount
        limits.deliveryCountPerTurn = 7
        limits.sliceEventCount = 3
        limits.readingCountPerTurn = 5
        limits.readingByteCount = 400
        let simulation = WatchSimulation(
            try await Samples.emptyCache(limits: limits), seed: seed)
        print("watch property: BINNACLE_TEST_SEED=\(seed)")
        simulation.applyBatch()
        for step in 1...stepCount {
            simulation.step()
            if step.isMultiple(of: 500) { simulation.settle() }
        }
        simulation.settle()
        #expect(simulation.seenFrameCount > stepCount / 4)
        #expect(simulation.seenBookmarkCount > 10)
        if logByteCount < 1 << 20 { #expect(simulation.expiredCount > 0) }
        simulation.demux.shutDown()
        #expect(simulation.watches.allSatisfy { $0.endReason == .shutdown })
    }
}
