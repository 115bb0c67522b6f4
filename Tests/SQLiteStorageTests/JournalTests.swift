// A journal across restarts of the gateway, with a store that goes on meanwhile.

import Buffers
import SQLiteStorage
import SeedTesting
import Storage
import StorageTesting
import Testing

extension Store {
    @discardableResult
    func delete(_ key: Key) async throws -> Revision {
        guard
            case .committed(let revision) = try await commit(
                Transaction(operations: [.delete(key)]))
        else { throw Conflict(description: "\(key) was not deleted") }
        return revision
    }

    /// Makes `count` random transactions.
    func writeAtRandom(count: Int, _ random: inout SeededGenerator) async throws {
        for number in 0..<count {
            var operations: [Storage.Operation] = []
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let key = Key("k\(Int.random(in: 0..<20, using: &random))")
                guard !operations.contains(where: { $0.key == key }) else { continue }
                let isDeletion = Int.random(in: 0..<3, using: &random) == 0
                operations.append(isDeletion ? .delete(key) : .put(key, Bytes("value-\(number)")))
            }
            _ = try await commit(Transaction(operations: operations))
        }
    }
}

/// Applies events to items, and insists that each fits.
func apply(_ events: [Event], to items: inout [Key: Item]) {
    var last = Revision.zero
    for event in events {
        #expect(event.revision >= last)
        last = event.revision
        #expect(items[event.key]?.revision == event.previous, "\(event)")
        switch event.change {
        case .put(let value):
            items[event.key] = Item(key: event.key, value: value, revision: event.revision)
        case .delete: items[event.key] = nil
        }
    }
}

struct JournalTests {
    let bench = JournalBench()
    private var memory: MemoryStore { bench.remote.memory }

    @Test func `the first start makes the journal from a listing`() async throws {
        for number in 0..<30 { try await memory.put(Key("k\(number % 9)"), Bytes("\(number)")) }
        try await memory.compact(before: Revision(20))
        let store = try await bench.open()
        #expect(bench.reports == [.rebuilt(at: Revision(30), itemCount: 9)])
        #expect(try await store.journalItems() == memory.items())
        #expect(store.oldestPosition == Revision(30))
        #expect(store.identity == memory.identity)
        await store.close()
    }

    @Test func `a restart resumes where the journal ends`() async throws {
        var random = SeededGenerator()
        print("journal: BINNACLE_TEST_SEED=\(random.seed)")
        try await bench.run { store in
            try await store.writeAtRandom(count: 50, &random)
        }
        bench.forgetReports()
        // Written by somebody else meanwhile.
        try await memory.writeAtRandom(count: 50, &random)
        let store = try await bench.open()
        #expect(bench.reports == [])
        let last = try await memory.currentRevision()
        try await store.settle(at: last)
        #expect(try await store.journalItems() == memory.items())
        #expect(store.oldestPosition == .zero)
        let events = try await memory.events(after: .zero)
        #expect(try await store.journalEvents(after: .zero).map(\.event) == events)
        #expect(store.figures.rebuiltCount == 0)
        #expect(store.figures.lagRevisionCount == 0)
        #expect(store.figures.lag == .zero)
        #expect(store.figures.byteCount > 0)
        await store.close()
    }

    @Test func `what the store has forgotten is derived`() async throws {
        var random = SeededGenerator()
        print("journal: BINNACLE_TEST_SEED=\(random.seed)")
        for _ in 0..<5 {
            let bench = JournalBench()
            let memory = bench.remote.memory
            try await bench.run { store in
                try await store.writeAtRandom(count: 30, &random)
            }
            let middle = try await memory.currentRevision()
            var items = Dictionary(
                uniqueKeysWithValues: try await memory.items().map { ($0.key, $0) })
            try await memory.writeAtRandom(count: 40, &random)
            let last = try await memory.currentRevision()
            try await memory.compact(before: last)
            let store = try await bench.open()
            let stream = store.watch(after: middle, .all)
            let batch = try await stream.next()
            #expect(batch?.through == last)
            apply(batch?.events ?? [], to: &items)
            let present = try await memory.items()
            #expect(items.values.sorted { $0.key < $1.key } == present)
            let derived = JournalReport.derived(
                after: middle, at: last, eventCount: batch?.events.count ?? 0)
            #expect(bench.reports.contains(derived))
            try await store.settle(at: last)
            #expect(try await store.journalItems() == present)
            #expect(store.oldestPosition == .zero)
            #expect(
                try await store.journalEvents(after: middle).map(\.event) == batch?.events)
            await store.close()
            try await bench.run()
            #expect(bench.setAside == [])
        }
    }

    @Test func `positions within a stretch that was derived are good for nobody`() async throws {
        try await bench.run { store in
            for number in 0..<10 { try await store.put(Key("k\(number)"), "v") }
        }
        for number in 0..<20 { try await memory.put(Key("k\(number)"), "w") }
        try await memory.compact(before: Revision(30))
        let store = try await bench.open()
        try await store.settle(at: Revision(30))
        try await store.settle(at: try await memory.put("k", "v"))
        let positions = (0...31).map { Revision($0) }
        let inside = Set((11...29).map { Revision($0) })
        #expect(positions.filter { !store.isResumable($0) } == inside.sorted())
        // The store goes on from there for who knows its state; nobody here does.
        try await store.compactJournal(before: Revision(30))
        await #expect(
            throws: StorageError.compacted(requested: Revision(12), oldest: Revision(30))
        ) { try await store.watch(after: Revision(12), .all).next() }
        await store.close()
        let again = try await bench.open()
        #expect(again.isResumable(Revision(30)))
        await again.close()
    }

    @Test func `a journal remembers which of its events were derived`() async throws {
        try await bench.run { store in
            for number in 0..<10 { try await store.put(Key("k\(number)"), "v") }
        }
        for number in 0..<20 { try await memory.put(Key("k\(number)"), "w") }
        try await memory.compact(before: Revision(30))
        try await bench.run()
        try await bench.run { store in try await store.put("k", "v") }
        let store = try await bench.open()
        let inside = (0...31).map { Revision($0) }.filter { !store.isResumable($0) }
        #expect(inside == (11...29).map { Revision($0) })
        #expect(store.oldestPosition == .zero)
        await store.close()
    }

    @Test func `a store that is out of reach at the start is served from the journal`()
        async throws
    {
        try await bench.run { store in
            for number in 0..<20 { try await store.put(Key("k\(number % 5)"), "v") }
        }
        bench.forgetReports()
        bench.remote.disconnect()
        let store = try await bench.open()
        guard case .unchecked(.unavailable) = bench.reports.first else {
            Issue.record("\(bench.reports)")
            return
        }
        #expect(try await store.journalItems() == memory.items())
        #expect(try await store.journalEvents(after: Revision(7)).count == 13)
        await #expect(throws: StorageError.unavailable(reason: "cut by the test")) {
            try await store.put("k", "v")
        }
        let last = try await memory.put("later", "v")
        let stream = store.watch(after: Revision(20), .all)
        async let batch = stream.next()
        bench.remote.connect()
        #expect(try await batch?.through == last)
        await store.close()
    }

    @Test func `without a journal a store that is out of reach is an error`() async throws {
        bench.remote.disconnect()
        await #expect(throws: StorageError.unavailable(reason: "cut by the test")) {
            try await bench.open()
        }
        bench.remote.connect()
        try await bench.run()
    }

    @Test func `connections that break again and again lose and repeat nothing`() async throws {
        var random = SeededGenerator()
        print("journal: BINNACLE_TEST_SEED=\(random.seed)")
        let store = try await bench.open()
        let stream = store.watch(after: .zero, .all)
        for _ in 0..<40 {
            if Bool.random(using: &random) { bench.remote.disconnect() }
            try await memory.writeAtRandom(count: 3, &random)
            bench.remote.connect()
        }
        let last = try await memory.currentRevision()
        var events: [Event] = []
        var through = Revision.zero
        while through < last, let batch = try await stream.next() {
            events += batch.events
            through = batch.through
        }
        #expect(try await memory.events(after: .zero) == events)
        try await store.settle(at: last)
        #expect(try await store.journalEvents(after: .zero).map(\.event) == events)
        await store.close()
        try await bench.run()
        #expect(bench.setAside == [])
    }

    @Test func `a journal is open once at a time`() async throws {
        let store = try await bench.open()
        await #expect(throws: StorageError.self) { try await bench.open() }
        await store.close()
        await (try bench.open()).close()
    }

    @Test func `the window is kept by age and size as the store's is`() async throws {
        let clock = WallClock()
        let retention = Retention(age: .seconds(100), byteCount: 1 << 20)
        let store = try await bench.open(retention: retention, wallTime: { clock.now })
        for number in 0..<60 {
            let revision = try await memory.put(Key("k\(number % 5)"), Bytes("\(number)"))
            try await store.settle(at: revision)
            clock.advance(seconds: 5)
        }
        // The last one was written when the one that is 100 seconds older had revision 40.
        let oldest = Revision(40)
        while store.oldestPosition < oldest { await Task.yield() }
        #expect(store.oldestPosition == oldest)
        let events = try await memory.events(after: oldest)
        #expect(try await store.journalEvents(after: oldest).map(\.event) == events)
        await store.close()
        let again = try await bench.open()
        #expect(again.oldestPosition == oldest)
        #expect(try await again.journalItems() == memory.items())
        #expect(try await again.journalEvents(after: oldest).map(\.event) == events)
        #expect(bench.setAside == [])
        await again.close()
    }
}
