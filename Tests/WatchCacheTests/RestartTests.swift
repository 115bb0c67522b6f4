// The guarantees of a watch across restarts, with most of the window on disk.

import Buffers
import Glibc
import SQLiteStorage
import SeedTesting
import Storage
import StorageTesting
import Testing

@testable import WatchCache

/// A store that outlives its process, or seems to.
private struct LastingStore {
    let store: any Store & EventHistory
    /// What a cache is loaded from.
    let items: any ItemSource
    /// Closes it and opens it again.
    let reopen: () async throws -> LastingStore
    let close: () async -> Void

    /// In memory: only the cache is started again.
    static func memory() -> LastingStore {
        let store = MemoryStore()
        func lasting() -> LastingStore {
            LastingStore(store: store, items: store, reopen: { lasting() }, close: {})
        }
        return lasting()
    }

    /// In a file of `directory`.
    static func file(in directory: String) async throws -> LastingStore {
        let store = try await SQLiteStore(path: directory + "/store.db")
        return LastingStore(
            store: store, items: store,
            reopen: {
                await store.close()
                return try await file(in: directory)
            }, close: { await store.close() })
    }

    /// Elsewhere, with a journal in `directory`.
    static func journal(
        of distant: MemoryStore, in directory: String
    ) async throws -> LastingStore {
        let store = try await JournaledStore(distant, path: directory + "/store.db")
        return LastingStore(
            store: store, items: store.items,
            reopen: {
                await store.close()
                return try await journal(of: distant, in: directory)
            }, close: { await store.close() })
    }
}

/// Calls `body` with a new directory, and removes that and its files.
private func withDirectory(_ body: (String) async throws -> Void) async throws {
    var template = Array("/tmp/binnacle-restart-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { preconditionFailure("mkdtemp: errno \(errno)") }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer {
        for suffix in ["", "-wal", "-shm", ".lock"] { unlink(path + "/store.db" + suffix) }
        rmdir(path)
    }
    try await body(path)
}

/// One run: a store that stays, and caches over it that come and go with their watchers.
private final class RestartSimulation {
    private var lasting: LastingStore
    var random: SeededGenerator
    var model = WatchModel()
    var cache: Cache
    var demux: Demux
    var loop = ManualLoop()
    private var following: Task<Void, Never>
    private var watches: [CheckedWatch] = []
    private let encoder = TextEncoder()
    private(set) var restartCount = 0
    private(set) var resumedCount = 0
    private(set) var expiredCount = 0
    private(set) var pastPollCount = 0
    private(set) var pastEventCount = 0
    private(set) var frameCount = 0

    init(seed: UInt64, on lasting: LastingStore) async throws {
        random = SeededGenerator(seed: seed)
        self.lasting = lasting
        cache = Self.cache(lasting.store, recalling: 10)
        try await cache.load(from: lasting.items)
        demux = loop.demux(cache)
        following = Task { [cache] in await cache.run() }
    }

    private var store: any Store & EventHistory { lasting.store }

    private static func cache(_ store: any Store & EventHistory, recalling count: Int) -> Cache {
        var limits = WatchCache.Limits()
        limits.logByteCountMax = 20_000
        limits.recalledRevisionCount = count
        limits.deliveryCountPerTurn = 7
        limits.sliceEventCount = 3
        limits.readingCountPerTurn = 5
        limits.readingByteCount = 2_000
        limits.pastReaderCount = 2
        return Cache(
            store: store, history: store, resources: [Samples.pods, Samples.nodes], limits: limits)
    }

    private var window: ClosedRange<UInt64> {
        cache.pods.oldestRevision.rawValue...cache.appliedRevision.rawValue
    }

    // MARK: Steps

    func write() async throws {
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            var operations: [Storage.Operation] = []
            var changes: [(key: String, sample: Sample?)] = []
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let sample = random.pod()
                guard !operations.contains(where: { $0.key == Key(sample.key) }) else { continue }
                if random.chance(30) {
                    guard model.present[sample.key] != nil else { continue }
                    operations.append(.delete(Key(sample.key)))
                    changes.append((sample.key, nil))
                } else {
                    operations.append(.put(Key(sample.key), sample.value))
                    changes.append((sample.key, sample))
                }
            }
            if operations.isEmpty {
                operations = [.put("core/nodes/n", Sample(key: "core/nodes/n").value)]
            }
            let result = try await store.commit(Transaction(operations: operations))
            guard case .committed(let revision) = result else { continue }
            for (key, sample) in changes {
                if let sample {
                    model.put(sample, revision.rawValue)
                } else {
                    model.delete(key, revision.rawValue)
                }
            }
        }
    }

    func catchUp() async throws {
        #expect(await cache.waitUntilApplied(try await store.currentRevision()))
    }

    /// Ends the process as `kill -9` does, and starts it again.
    func restart() async throws {
        following.cancel()
        await following.value
        pastEventCount += cache.pastCounts.eventCount
        lasting = try await lasting.reopen()
        // Written while nobody followed.
        if random.chance(50) { try await write() }
        cache = Self.cache(store, recalling: random.pick([0, 3, 40]))
        loop = ManualLoop()
        demux = loop.demux(cache)
        try await cache.load(from: lasting.items)
        following = Task { [cache] in await cache.run() }
        restartCount += 1
        let old = watches.filter { $0.endReason == nil && !$0.isClosed && $0.initialAt == nil }
        for watch in watches { frameCount += watch.frameCount }
        watches = []
        for watch in old {
            guard watch.through >= window.lowerBound else { continue }
            open(watch.selection, after: watch.through)
            resumedCount += 1
        }
    }

    func openSome() {
        guard watches.count < 30 else { return }
        open(random.selection(), after: UInt64.random(in: window, using: &random))
    }

    private func open(_ selection: Selection, after position: UInt64) {
        let watch = CheckedWatch(
            selection, start: position, isInitial: false, wantsBookmarks: random.chance(50),
            model: { [unowned self] in model })
        watch.answer = { [unowned self] in random.chance(30) ? .full : .ready }
        let request = WatchRequest(
            filter: cache.pods.filter(selection), start: .after(Revision(position)),
            encoder: encoder, wantsBookmarks: watch.wantsBookmarks)
        watch.watcher = demux.watch(cache.pods, request, sink: watch)
        watches.append(watch)
    }

    func resumeSome(percent: Int) {
        for watch in watches where watch.isFull && random.chance(percent) {
            watch.isFull = false
            watch.watcher?.resume()
        }
    }

    /// Follows the log by long-polls, from somewhere to the end.
    func poll() async throws {
        let selection = random.selection()
        let filter = cache.pods.filter(selection)
        var position = UInt64.random(in: window, using: &random)
        while position < cache.appliedRevision.rawValue {
            let limit = Int.random(in: 1...9, using: &random)
            var result = cache.pods.matching(
                after: Revision(position), filter: filter, limit: limit)
            if case .past = result {
                pastPollCount += 1
                result = try await cache.pods.matchingPast(
                    after: Revision(position), filter: filter, limit: limit)
            }
            guard case .events(let events, let through) = result else {
                Issue.record("a poll within the window: \(result)")
                return
            }
            let texts = events.map { String(TextEncoder().encode($0)) }
            #expect(
                texts == model.frames(selection, after: position, through: through.rawValue))
            #expect(through.rawValue > position)
            position = through.rawValue
        }
    }

    /// Moves the window on. Watchers that are left outside may be told so, and nobody else.
    func compact() async throws {
        let oldest = UInt64.random(
            in: window.lowerBound...(window.lowerBound + window.upperBound) / 2, using: &random)
        try await store.compact(before: Revision(oldest))
        guard window.lowerBound > 0 else { return }
        let late = Revision(window.lowerBound - 1)
        let filter = cache.pods.filter(Selection())
        let result = cache.pods.matching(after: late, filter: filter, limit: 1)
        guard case .expired(let told) = result else {
            Issue.record("a poll before the window: \(result)")
            return
        }
        #expect(told == cache.pods.oldestRevision)
    }

    func sweep() {
        for watch in watches where watch.endReason != nil {
            frameCount += watch.frameCount
            guard case .expired(let oldest) = watch.endReason else { continue }
            expiredCount += 1
            #expect(watch.through < oldest.rawValue)
        }
        watches.removeAll { $0.endReason != nil }
    }

    func step() async throws {
        switch Int.random(in: 0..<100, using: &random) {
        case ..<25:
            try await write()
            try await catchUp()
        case ..<55: loop.runOne()
        case ..<65: openSome()
        case ..<80: resumeSome(percent: 30)
        case ..<84: try await poll()
        case ..<88: demux.sendBookmarks()
        case ..<91: try await compact()
        case ..<93: try await restart()
        case ..<96: sweep()
        default: await Task.yield()
        }
    }

    /// Lets everyone catch up.
    func settle() async {
        for watch in watches { watch.answer = { .ready } }
        resumeSome(percent: 100)
        loop.runAll()
        while demux.counts.reading + demux.counts.readingPast > 0 || loop.jobCount > 0 {
            await Task.yield()
            loop.runAll()
        }
        demux.sendBookmarks()
        demux.sendBookmarks()
        sweep()
        for watch in watches {
            #expect(watch.watcher?.state == .live)
            #expect(model.frames(watch.selection, after: watch.through, through: .max).isEmpty)
        }
    }

    func end() async {
        following.cancel()
        await following.value
        pastEventCount += cache.pastCounts.eventCount
        demux.shutDown()
        await lasting.close()
    }
}

@Suite struct RestartTests {
    @Test func `watchers and polls resume across restarts without gap or repeat`() async throws {
        for _ in 0..<4 { try await check(LastingStore.memory(), stepCount: 500) }
    }

    @Test func `they do over a store in a file that is closed and opened again`() async throws {
        try await withDirectory { directory in
            try await check(try await LastingStore.file(in: directory), stepCount: 500)
        }
    }

    @Test func `they do over a store elsewhere and its journal`() async throws {
        try await withDirectory { directory in
            try await check(
                try await LastingStore.journal(of: MemoryStore(), in: directory), stepCount: 500)
        }
    }

    private func check(_ store: LastingStore, stepCount: Int) async throws {
        let seed = SeededGenerator().seed
        print("restart property: BINNACLE_TEST_SEED=\(seed)")
        let simulation = try await RestartSimulation(seed: seed, on: store)
        try await simulation.write()
        try await simulation.catchUp()
        for step in 1...stepCount {
            try await simulation.step()
            if step.isMultiple(of: 100) { await simulation.settle() }
        }
        await simulation.settle()
        await simulation.end()
        #expect(simulation.restartCount > 1)
        #expect(simulation.resumedCount > 0)
        #expect(simulation.pastPollCount > 0)
        #expect(simulation.pastEventCount > 100)
        #expect(simulation.frameCount > 100)
    }
}
