import Buffers
import SeedTesting
import Storage
import StorageTesting
import Testing

@testable import WatchCache

private func bodies(_ snapshot: Snapshot) -> [String] {
    var bodies: [String] = []
    snapshot.forEach(in: .all) { object in
        bodies.append(String(object.body))
        return true
    }
    return bodies
}

@Suite struct SnapshotTests {
    @Test func `a snapshot stays as it is while the resource changes`() async throws {
        let cache = try await Samples.emptyCache()
        var seen: [(snapshot: Snapshot, bodies: [String])] = []
        for revision in 1...300 as ClosedRange<UInt64> {
            let name = "p\(revision % 40)"
            if revision.isMultiple(of: 7) {
                cache.apply(Samples.delete("core/pods/default/\(name)", revision))
            } else {
                cache.apply(Samples.put(Samples.pod(name, node: "n\(revision)"), revision))
            }
            let snapshot = cache.pods.snapshot()
            seen.append((snapshot, bodies(snapshot)))
        }
        for (snapshot, expected) in seen { #expect(bodies(snapshot) == expected) }
    }

    @Test func `a snapshot's revision moves with other resources and its change does not`()
        async throws
    {
        let cache = try await Samples.emptyCache()
        cache.apply(Samples.put(Samples.pod("a"), 1), Samples.put(Sample(key: "core/nodes/n"), 2))
        #expect(cache.pods.snapshot().revision == Revision(2))
        #expect(cache.pods.snapshot().changedAt == Revision(1))
        #expect(cache.nodes.snapshot().changedAt == Revision(2))
    }

    @Test func `any revision in the window can be shown again`() async throws {
        var random = SeededGenerator()
        let cache = try await Samples.emptyCache()
        var states: [[String]] = [[]]
        for revision in 1...200 as ClosedRange<UInt64> {
            let name = "p\(Int.random(in: 0..<20, using: &random))"
            let isGone = cache.pods.snapshot().object(Key("core/pods/default/\(name)")) == nil
            if isGone || Bool.random(using: &random) {
                cache.apply(Samples.put(Samples.pod(name, node: "\(revision)"), revision))
            } else {
                cache.apply(Samples.delete("core/pods/default/\(name)", revision))
            }
            states.append(bodies(cache.pods.snapshot()))
        }
        for revision in states.indices.shuffled(using: &random) {
            let snapshot = try cache.pods.snapshot(at: Revision(UInt64(revision)))
            #expect(snapshot.revision == Revision(UInt64(revision)))
            #expect(bodies(snapshot) == states[revision], "BINNACLE_TEST_SEED=\(random.seed)")
        }
        #expect(throws: SnapshotError.future(current: Revision(200))) {
            try cache.pods.snapshot(at: Revision(201))
        }
    }

    @Test func `a snapshot kept for paging outlives the log, for its time`() async throws {
        let clock = ManualClock()
        var limits = WatchCache.Limits()
        limits.logByteCountMax = 10_000
        let cache = try await Samples.emptyCache(limits: limits, clock: clock.cacheClock)
        cache.apply(Samples.put(Samples.pod("first"), 1))
        let first = cache.pods.snapshot()
        cache.pods.retainForPaging(first)
        for revision in 2...200 as ClosedRange<UInt64> {
            cache.apply(Samples.put(Samples.pod("p\(revision)"), revision))
        }
        let oldest = cache.pods.oldestRevision
        #expect(oldest > Revision(50))
        clock.advance(by: .seconds(299))
        #expect(try bodies(cache.pods.snapshot(at: Revision(1))) == bodies(first))
        #expect(throws: SnapshotError.expired(oldest: oldest)) {
            try cache.pods.snapshot(at: Revision(2))
        }
        clock.advance(by: .seconds(1))
        #expect(throws: SnapshotError.expired(oldest: oldest)) {
            try cache.pods.snapshot(at: Revision(1))
        }
    }

    @Test func `revisions older than paging lasts cannot be shown, but the present can`()
        async throws
    {
        let clock = ManualClock()
        let cache = try await Samples.emptyCache(clock: clock.cacheClock)
        cache.apply(Samples.put(Samples.pod("a"), 1))
        clock.advance(by: .seconds(10))
        cache.apply(Samples.put(Samples.pod("a"), 2))
        clock.advance(by: .seconds(10))
        cache.apply(Samples.put(Samples.pod("a"), 3))
        #expect(try cache.pods.snapshot(at: Revision(1)).count == 1)
        clock.advance(by: .seconds(300))
        #expect(throws: SnapshotError.expired(oldest: .zero)) {
            try cache.pods.snapshot(at: Revision(1))
        }
        #expect(try cache.pods.snapshot(at: Revision(3)).count == 1)
    }

    @Test func `only so many snapshots are kept`() async throws {
        var limits = WatchCache.Limits()
        limits.keptSnapshotCountMax = 3
        limits.undoneEventCountMax = 1
        let cache = try await Samples.emptyCache(limits: limits)
        for revision in 1...6 as ClosedRange<UInt64> {
            cache.apply(Samples.put(Samples.pod("p\(revision)"), revision))
            cache.pods.retainForPaging(cache.pods.snapshot())
        }
        cache.apply(Samples.put(Samples.pod("p7"), 7), Samples.put(Samples.pod("p8"), 8))
        for revision in 4...6 as ClosedRange<UInt64> {
            #expect(try cache.pods.snapshot(at: Revision(revision)).count == Int(revision))
        }
        #expect(throws: SnapshotError.self) { try cache.pods.snapshot(at: Revision(3)) }
    }
}

@Suite struct LogTests {
    @Test func `a busy resource does not take away the history of a quiet one`() async throws {
        var limits = WatchCache.Limits()
        limits.logByteCountMax = 50_000
        let cache = try await Samples.emptyCache(limits: limits)
        cache.apply(Samples.put(Sample(key: "core/nodes/n"), 1))
        for revision in 2...2_000 as ClosedRange<UInt64> {
            cache.apply(Samples.put(Samples.pod("p\(revision % 9)"), revision))
            let size = cache.pods.logSize.byteCount + cache.nodes.logSize.byteCount
            #expect(size <= limits.logByteCountMax)
            #expect(size == cache.common.logByteCount)
        }
        #expect(cache.nodes.oldestRevision == .zero)
        #expect(cache.pods.oldestRevision > Revision(1_000))
        #expect(cache.pods.logSize.byteCount > limits.logByteCountMax / 2)
    }

    @Test func `a slice never ends inside a transaction`() async throws {
        let cache = try await Samples.emptyCache()
        for revision in 1...10 as ClosedRange<UInt64> {
            let events = (0..<4).map { Samples.put(Samples.pod("p\($0)"), revision) }
            cache.apply(EventBatch(events: events, through: Revision(revision)))
        }
        var position = Revision.zero
        var count = 0
        while position < Revision(10) {
            guard case .events(let slice) = cache.pods.events(after: position, limit: 6) else {
                Issue.record("expired")
                return
            }
            #expect(slice.events.count.isMultiple(of: 4))
            #expect(slice.events.allSatisfy { $0.revision > position })
            #expect(slice.events.last?.revision == slice.through)
            count += slice.events.count
            position = slice.through
        }
        #expect(count == 40)
    }

    @Test func `a poll reads what a filter sees, whole transactions at a time`() async throws {
        let cache = try await Samples.emptyCache()
        for revision in 1...100 as ClosedRange<UInt64> {
            let events = ["a", "b"].map {
                Samples.put(Samples.pod($0, node: "n\(revision % 3)"), revision)
            }
            cache.apply(EventBatch(events: events, through: Revision(revision)))
        }
        cache.apply(Samples.put(Sample(key: "core/nodes/n"), 101))
        let filter = cache.pods.filter(
            Selection(name: "a", fields: [FieldRequirement(.field(0), "n1")]))
        var position = Revision.zero
        var seen: [String] = []
        while position < Revision(101) {
            guard
                case .events(let events, let through) = cache.pods.matching(
                    after: position, filter: filter, limit: 5)
            else {
                Issue.record("expired")
                return
            }
            for case .change(let change, let object) in events {
                seen.append("\(TextEncoder.word(change)) \(object.revision)")
            }
            position = through
        }
        let expected = (1...100).compactMap { revision -> String? in
            switch revision % 3 {
            case 1: "ADDED \(revision)"
            case 2: "DELETED \(revision)"
            default: nil
            }
        }
        #expect(seen == expected)
    }
}
