// Loading, following, and what happens when the store's watch breaks.

import Buffers
import Storage
import StorageTesting
import Synchronization
import Testing

@testable import WatchCache

/// A store whose watches can be broken, and which may refuse to open new ones.
private final class BreakableStore: ForwardingStore {
    private struct State {
        var isBroken = false
        var openCount = 0
    }

    let memory: MemoryStore
    private let state = Mutex(State())

    init(_ memory: MemoryStore) { self.memory = memory }

    var openCount: Int { state.withLock { $0.openCount } }
    var isBroken: Bool { state.withLock { $0.isBroken } }

    /// From now on a watch fails when it is read, until `mend`.
    func breakWatches() { state.withLock { $0.isBroken = true } }
    func mend() { state.withLock { $0.isBroken = false } }

    func reached() -> any Store { memory }

    func watch(after revision: Revision, _ range: KeyRange) -> EventStream {
        state.withLock { $0.openCount += 1 }
        return EventStream(Source(store: self, stream: memory.watch(after: revision, range)))
    }
    private struct Source: EventSource {
        let store: BreakableStore
        let stream: EventStream

        func next() async throws(StorageError) -> EventBatch? {
            if store.isBroken { throw .unavailable(reason: "broken by the test") }
            let batch = try await stream.next()
            // What was on its way when the connection broke is lost.
            if store.isBroken { throw .unavailable(reason: "broken by the test") }
            return batch
        }
    }
}

extension Store {
    @discardableResult
    fileprivate func put(_ samples: Sample...) async throws -> Revision {
        let operations = samples.map { Operation.put(Key($0.key), $0.value) }
        return try await revision(Transaction(operations: operations))
    }

    @discardableResult
    fileprivate func delete(_ key: String) async throws -> Revision {
        try await revision(Transaction(operations: [.delete(Key(key))]))
    }

    private func revision(_ transaction: Transaction) async throws -> Revision {
        guard case .committed(let revision) = try await commit(transaction) else {
            throw StorageError.unavailable(reason: "a conflict without comparisons")
        }
        return revision
    }
}

/// A followed cache over a breakable store.
private func withFollowedCache(
    _ store: BreakableStore, limits: WatchCache.Limits = WatchCache.Limits(),
    _ body: (Cache, Reports) async throws -> Void
) async throws {
    var limits = limits
    limits.backoffFirst = .microseconds(1)
    limits.backoffMax = .microseconds(1)
    let reports = Reports()
    let cache = Cache(
        store: store, resources: [Samples.pods, Samples.nodes], limits: limits,
        report: { reports.append($0) })
    try await cache.load()
    let following = Task { await cache.run() }
    try await body(cache, reports)
    following.cancel()
    await following.value
}

private final class Reports: Sendable {
    private let reports = Mutex<[CacheReport]>([])
    func append(_ report: CacheReport) { reports.withLock { $0.append(report) } }
    var all: [CacheReport] { reports.withLock { $0 } }
}

private func kinds(_ reading: LogReading) -> [String] {
    guard case .events(let slice) = reading else { return ["expired"] }
    return slice.events.map { "\($0.kind) \($0.object.name) \($0.revision)" }
}

@Suite struct FollowerTests {
    @Test func `a loaded cache shows one revision of all resources`() async throws {
        let store = BreakableStore(MemoryStore())
        for number in 0..<25 { try await store.put(Samples.pod("p\(number)")) }
        let last = try await store.put(Sample(key: "core/nodes/n1"), Sample(key: "other/x/y"))
        var limits = WatchCache.Limits()
        limits.pageItemCount = 7
        let cache = Cache(
            store: store, resources: [Samples.pods, Samples.nodes], limits: limits)
        try await cache.load()
        #expect(cache.appliedRevision == last)
        #expect(cache.pods.snapshot().count == 25)
        #expect(cache.nodes.snapshot().count == 1)
        #expect(cache.pods.snapshot().revision == last)
        #expect(cache.refusedItemCount == 0)
    }

    @Test func `a writer that waits for its revision reads its own write`() async throws {
        let store = BreakableStore(MemoryStore())
        try await withFollowedCache(store) { cache, _ in
            for number in 0..<200 {
                let revision = try await store.put(Samples.pod("p\(number % 10)"))
                #expect(await cache.waitUntilApplied(revision))
                let object = cache.pods.snapshot().object(Key("core/pods/default/p\(number % 10)"))
                #expect(object?.revision == revision)
            }
        }
    }

    @Test func `a broken watch is resumed without gap or repeat`() async throws {
        let store = BreakableStore(MemoryStore())
        try await withFollowedCache(store) { cache, reports in
            var expected: [String] = []
            for round in 0..<20 {
                store.breakWatches()
                let revision = try await store.put(Samples.pod("p\(round)"))
                expected.append("added p\(round) \(revision)")
                let openCount = store.openCount
                while store.openCount == openCount { await Task.yield() }
                store.mend()
                #expect(await cache.waitUntilApplied(revision))
            }
            #expect(kinds(cache.pods.events(after: .zero, limit: 1_000)) == expected)
            #expect(store.openCount > 1)
            #expect(
                reports.all.allSatisfy { if case .broken = $0 { true } else { false } })
        }
    }

    @Test func `events that the store has compacted are derived from a listing`() async throws {
        let store = BreakableStore(MemoryStore())
        let start = try await store.put(
            Samples.pod("stays"), Samples.pod("goes"), Samples.pod("changes"))
        try await withFollowedCache(store) { cache, reports in
            #expect(await cache.waitUntilApplied(start))
            store.breakWatches()
            // Woken and broken before anything of this can be read.
            try await store.put(Sample(key: "core/nodes/n0"))
            let changed = try await store.put(Samples.pod("changes", node: "n1"))
            try await store.delete("core/pods/default/goes")
            let added = try await store.put(Samples.pod("new"), Sample(key: "core/nodes/n1"))
            let gone = try await store.delete("core/nodes/n0")
            try await store.compact(before: gone)
            store.mend()
            #expect(await cache.waitUntilApplied(gone))

            #expect(
                kinds(cache.pods.events(after: start, limit: 100)) == [
                    "modified changes \(changed)", "added new \(added)", "deleted goes \(gone)",
                ])
            #expect(kinds(cache.nodes.events(after: start, limit: 100)) == ["added n1 \(added)"])
            #expect(
                reports.all.contains(
                    .relisted(after: start, at: gone, derivedEventCount: 4)))
            // And it goes on from there.
            let next = try await store.put(Samples.pod("later"))
            #expect(await cache.waitUntilApplied(next))
            #expect(kinds(cache.pods.events(after: gone, limit: 9)) == ["added later \(next)"])
        }
    }

    @Test func `a store that has gone back voids all positions`() async throws {
        let old = MemoryStore()
        for number in 0..<10 { try await old.put(Samples.pod("old\(number)")) }
        let swapped = SwappedStore(old)
        let reports = Reports()
        let cache = Cache(
            store: swapped, resources: [Samples.pods, Samples.nodes],
            report: { reports.append($0) })
        try await cache.load()
        let loop = ManualLoop()
        let demux = loop.demux(cache)
        let sink = RecordingSink()
        let request = WatchRequest(
            filter: cache.pods.filter(Selection()), start: .after(cache.appliedRevision),
            encoder: TextEncoder())
        _ = demux.watch(cache.pods, request, sink: sink)

        let new = MemoryStore()
        let revision = try await new.put(Samples.pod("new"))
        swapped.swap(new)
        let following = Task { await cache.run() }
        while reports.all.isEmpty { await Task.yield() }
        while cache.appliedRevision != revision { await Task.yield() }
        loop.runAll()
        #expect(reports.all == [.rebuilt(after: Revision(10), at: revision)])
        #expect(cache.pods.snapshot().count == 1)
        #expect(sink.endReason == .expired(oldest: revision))
        following.cancel()
        await following.value
    }

    @Test func `a resource can be added and removed while the store is followed`() async throws {
        let store = BreakableStore(MemoryStore())
        let cache = Cache(store: store, resources: [Samples.nodes])
        try await cache.load()
        let following = Task { await cache.run() }
        let writing = Task {
            for number in 0..<500 { try await store.put(Samples.pod("p\(number)")) }
        }
        let pods = try await cache.add(Samples.pods)
        try await writing.value
        let last = try await store.currentRevision()
        #expect(await cache.waitUntilApplied(last))
        #expect(pods.snapshot().count == 500)
        #expect(cache.pods === pods)
        cache.remove("core/pods")
        #expect(cache.resource("core/pods") == nil)
        following.cancel()
        await following.value
    }
}

/// A store that becomes another one.
private final class SwappedStore: ForwardingStore {
    private let current: Mutex<MemoryStore>

    init(_ first: MemoryStore) { current = Mutex(first) }

    func reached() -> any Store { current.withLock { $0 } }
    func swap(_ next: MemoryStore) { current.withLock { $0 = next } }

    func watch(after revision: Revision, _ range: KeyRange) -> EventStream {
        reached().watch(after: revision, range)
    }
}
