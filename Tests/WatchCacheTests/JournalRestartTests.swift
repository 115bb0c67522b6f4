// A gateway with a journal over a store elsewhere: its watchers resume after a restart.

import Buffers
import Glibc
import SQLiteStorage
import Storage
import StorageTesting
import Synchronization
import Testing

@testable import WatchCache

/// A store that is out of reach when the test says so.
private final class DistantStore: ForwardingStore {
    let memory = MemoryStore()
    private let reachable = Mutex(true)

    var isReachable: Bool {
        get { reachable.withLock { $0 } }
        set { reachable.withLock { $0 = newValue } }
    }

    func reached() throws(StorageError) -> any Store {
        guard isReachable else { throw .unavailable(reason: "cut by the test") }
        return memory
    }

    func watch(after revision: Revision, _ range: KeyRange) -> EventStream {
        memory.watch(after: revision, range)
    }
}

/// One start of a gateway: a journal, and a cache that was loaded from it.
private struct Gateway {
    let journaled: JournaledStore
    let cache: Cache
    private let following: Task<Void, Never>

    init(_ store: DistantStore, path: String) async throws {
        journaled = try await JournaledStore(store, path: path)
        var limits = WatchCache.Limits()
        limits.logByteCountMax = 40_000
        limits.recalledRevisionCount = 100
        cache = Cache(
            store: journaled, history: journaled, resources: [Samples.pods, Samples.nodes],
            limits: limits)
        try await cache.load(from: journaled.items)
        following = Task { [cache] in await cache.run() }
    }

    func stop() async {
        following.cancel()
        await following.value
        await journaled.close()
    }
}

extension Store {
    /// Puts and deletes pods, a transaction each, and tells the model.
    fileprivate func write(_ count: Int, _ model: inout WatchModel) async throws {
        for number in 0..<count {
            var sample = Samples.pod("p\(number % 37)", labels: ["app": "a\(number % 3)"])
            sample.filler = "\(number)"
            let isDeletion = number % 5 == 4 && model.present[sample.key] != nil
            let operation: Storage.Operation =
                isDeletion ? .delete(Key(sample.key)) : .put(Key(sample.key), sample.value)
            guard
                case .committed(let revision) = try await commit(
                    Transaction(operations: [operation]))
            else { continue }
            if isDeletion {
                model.delete(sample.key, revision.rawValue)
            } else {
                model.put(sample, revision.rawValue)
            }
        }
    }
}

@Suite struct JournalRestartTests {
    private let store = DistantStore()

    /// Starts watchers at these positions, and has them read to the end.
    /// - Returns: what each saw.
    private func watch(
        _ cache: Cache, after positions: [UInt64]
    ) async -> [RecordingSink] {
        let loop = ManualLoop()
        let demux = loop.demux(cache)
        let sinks = positions.map { position in
            let sink = RecordingSink()
            let request = WatchRequest(
                filter: cache.pods.filter(Selection()), start: .after(Revision(position)),
                encoder: TextEncoder())
            _ = demux.watch(cache.pods, request, sink: sink)
            return sink
        }
        repeat {
            await Task.yield()
            loop.runAll()
        } while demux.counts.reading + demux.counts.readingPast > 0 || loop.jobCount > 0
        demux.shutDown()
        return sinks
    }

    @Test func `a thousand watchers resume after a thousand writes that nobody saw`() async throws {
        try await withJournalDirectory { path in
            var model = WatchModel()
            let first = try await Gateway(store, path: path)
            try await first.journaled.write(300, &model)
            #expect(await first.cache.waitUntilApplied(Revision(300)))
            await first.stop()

            try await store.memory.write(1_000, &model)
            let second = try await Gateway(store, path: path)
            #expect(await second.cache.waitUntilApplied(Revision(1_300)))
            let positions = (0..<1_000).map { UInt64($0) * 13 / 10 }
            for (position, sink) in zip(positions, await watch(second.cache, after: positions)) {
                #expect(sink.endReason != .expired(oldest: second.cache.pods.oldestRevision))
                #expect(sink.frames == model.frames(Selection(), after: position, through: 1_300))
            }
            #expect(second.cache.pastCounts.eventCount > 0)
            await second.stop()
        }
    }

    @Test func `they resume when the store has forgotten those writes`() async throws {
        try await withJournalDirectory { path in
            var model = WatchModel()
            let first = try await Gateway(store, path: path)
            try await first.journaled.write(1_000, &model)
            #expect(await first.cache.waitUntilApplied(Revision(1_000)))
            await first.stop()

            var later = model
            try await store.memory.write(1_000, &later)
            try await store.memory.compact(before: Revision(2_000))
            let second = try await Gateway(store, path: path)
            #expect(await second.cache.waitUntilApplied(Revision(2_000)))
            let positions = (0...1_000).map { UInt64($0) }
            let sinks = await watch(second.cache, after: positions)
            for (position, sink) in zip(positions, sinks) {
                #expect(sink.endReason != .expired(oldest: second.cache.pods.oldestRevision))
                let known = model.frames(Selection(), after: position, through: 1_000)
                #expect(Array(sink.frames.prefix(known.count)) == known)
                // What was derived leads from the one state to the other.
                check(sink.frames.dropFirst(known.count), from: model, to: later)
            }
            // Who was told by somebody else what happened in between has to list again.
            for sink in await watch(second.cache, after: [1_001, 1_500, 1_999]) {
                #expect(sink.endReason == .expired(oldest: .zero))
                #expect(sink.frames == [])
            }
            #expect(await watch(second.cache, after: [2_000]).map(\.endReason) == [.shutdown])
            try await checkPolls(second.cache, after: Revision(1_000), through: Revision(2_000))
            await second.stop()
        }
    }

    /// A poll does not end where the next one could not begin.
    private func checkPolls(
        _ cache: Cache, after position: Revision, through end: Revision
    ) async throws {
        let filter = cache.pods.filter(Selection())
        var result = cache.pods.matching(after: position, filter: filter, limit: 3)
        if case .past = result {
            result = try await cache.pods.matchingPast(after: position, filter: filter, limit: 3)
        }
        guard case .events(let events, let through) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(through == end)
        #expect(events.count > 3)
        let inside = cache.pods.matching(after: position.next, filter: filter, limit: 3)
        guard case .expired = inside else {
            Issue.record("\(inside)")
            return
        }
    }

    /// Applies frames to the objects of one model, and insists on those of the other.
    private func check(
        _ frames: ArraySlice<String>, from model: WatchModel, to later: WatchModel
    ) {
        var revisions = model.present.mapValues(\.revision)
        var last: UInt64 = 0
        for frame in frames {
            let parts = frame.split(separator: "|", maxSplits: 3)
            let (word, key, revision) = (parts[0], String(parts[1]), UInt64(parts[2])!)
            #expect(revision >= last)
            last = revision
            #expect((revisions[key] == nil) == (word == "ADDED"), "\(frame)")
            revisions[key] = word == "DELETED" ? nil : revision
        }
        #expect(revisions == later.present.mapValues(\.revision))
    }

    @Test func `a gateway starts and serves while its store is out of reach`() async throws {
        try await withJournalDirectory { path in
            var model = WatchModel()
            let first = try await Gateway(store, path: path)
            try await first.journaled.write(200, &model)
            #expect(await first.cache.waitUntilApplied(Revision(200)))
            await first.stop()

            store.isReachable = false
            let second = try await Gateway(store, path: path)
            #expect(second.cache.appliedRevision == Revision(200))
            #expect(second.cache.pods.snapshot().count == model.present.count)
            let sinks = await watch(second.cache, after: [0, 77, 199])
            #expect(
                sinks.map(\.frames)
                    == [0, 77, 199].map { model.frames(Selection(), after: $0, through: 200) })

            try await store.memory.write(100, &model)
            store.isReachable = true
            #expect(await second.cache.waitUntilApplied(Revision(300)))
            #expect(second.cache.pods.snapshot().count == model.present.count)
            await second.stop()
        }
    }
}

/// Calls `body` with the path of a journal in a new directory, and removes that.
private func withJournalDirectory(_ body: (String) async throws -> Void) async throws {
    var template = Array("/tmp/binnacle-journal-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { preconditionFailure("mkdtemp: errno \(errno)") }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer {
        for suffix in ["", "-wal", "-shm", ".lock"] { unlink(path + "/journal.sqlite" + suffix) }
        rmdir(path)
    }
    try await body(path + "/journal.sqlite")
}
