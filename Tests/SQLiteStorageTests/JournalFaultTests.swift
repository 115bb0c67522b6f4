// A disk that takes no writes: the gateway goes on, and no gap comes into the journal.

import Buffers
import SQLiteStorage
import Storage
import Testing

struct JournalFaultTests {
    let bench = JournalBench()
    private var memory: MemoryStore { bench.remote.memory }

    private func isFailing() async {
        while !bench.reports.contains(where: { if case .notWritten = $0 { true } else { false } }) {
            await Task.yield()
        }
    }

    /// Reads what is delivered, up to the store's newest revision.
    private func read(
        _ stream: EventStream, after position: Revision
    ) async throws -> [Event] {
        let last = try await memory.currentRevision()
        var through = position
        var events: [Event] = []
        while through < last, let batch = try await stream.next() {
            events += batch.events
            through = batch.through
        }
        return events
    }

    @Test func `a full disk is told, and watchers go on; then the journal catches up`()
        async throws
    {
        let store = try await bench.open()
        try await store.put("a", "one")
        try await store.settle(at: Revision(1))
        try await store.execute("PRAGMA max_page_count = 1")
        let stream = store.watch(after: .zero, .all)
        let value = Bytes([UInt8](repeating: 120, count: 50_000))
        for number in 0..<20 { try await store.put(Key("k\(number % 4)"), value) }
        #expect(try await read(stream, after: .zero) == memory.events(after: .zero))
        await isFailing()
        let written = store.figures.writtenRevision
        #expect(written < Revision(21))
        #expect(store.figures.deliveredRevision == Revision(21))
        #expect(store.figures.lagRevisionCount == 21 - written.rawValue)
        let behind = try #require(store.logFigures)
        #expect(behind.lastWritten == written)
        #expect(behind.waitingCount == 21 - Int(written.rawValue))
        await #expect(throws: StorageError.self) {
            try await store.events(
                HistoryRequest(.all, after: written, through: Revision(21)))
        }
        try await store.execute("PRAGMA max_page_count = 100000")
        try await store.settle(at: Revision(21))
        let caughtUp = try #require(store.logFigures)
        #expect(caughtUp.lastWritten == Revision(21) && caughtUp.waitingCount == 0)
        #expect(caughtUp.writeLag == .zero && caughtUp.fileByteCount ?? 0 > 0)
        let events = try await memory.events(after: .zero)
        #expect(try await store.journalEvents(after: .zero).map(\.event) == events)
        await store.close()
        let isToldAgain = bench.reports.contains {
            if case .writtenAgain = $0 { true } else { false }
        }
        #expect(isToldAgain)
        try await bench.run()
        #expect(bench.setAside == [])
    }

    @Test(arguments: [[FaultPoint.commit], [.commitAnswer], [.commit, .recovery]])
    func `a commit that fails is found out about`(_ points: [FaultPoint]) async throws {
        let store = try await bench.open()
        try await store.put("a", "one")
        try await store.settle(at: Revision(1))
        bench.fail(at: Set(points))
        for number in 0..<10 { try await store.put(Key("k\(number % 4)"), "v") }
        await isFailing()
        bench.fail(at: [])
        try await store.settle(at: Revision(11))
        let events = try await memory.events(after: .zero)
        #expect(try await store.journalEvents(after: .zero).map(\.event) == events)
        await store.close()
        try await bench.run()
        #expect(bench.setAside == [])
    }

    @Test func `a disk that stays full makes the journal begin anew later`() async throws {
        let store = try await bench.open(pendingByteCountMax: 200_000)
        try await store.put("a", "one")
        try await store.settle(at: Revision(1))
        bench.fail(at: [.commit])
        let stream = store.watch(after: .zero, .all)
        let value = Bytes([UInt8](repeating: 120, count: 50_000))
        for number in 0..<20 {
            let revision = try await store.put(Key("k\(number % 4)"), value)
            await store.waitUntilDelivered(revision)
        }
        // What neither memory nor the journal has comes from the store.
        #expect(try await read(stream, after: .zero) == memory.events(after: .zero))
        bench.fail(at: [])
        let last = try await store.put("b", "two")
        try await store.settle(at: last)
        #expect(bench.reports.contains(.lost(after: Revision(1))))
        #expect(try await store.journalItems() == memory.items())
        #expect(store.oldestPosition > Revision(1))
        let events = try await memory.events(after: store.oldestPosition)
        #expect(
            try await store.journalEvents(after: store.oldestPosition).map(\.event) == events)
        await store.close()
        try await bench.run()
        #expect(bench.setAside == [])
    }

    @Test func `a journal that is found damaged while it is read is made anew`() async throws {
        let store = try await bench.open()
        for number in 0..<30 { try await store.put(Key("k\(number % 4)"), "v") }
        try await store.settle(at: Revision(30))
        try await store.execute(
            "UPDATE log SET value = CAST('w' AS BLOB) WHERE position >> 16 = 7")
        await #expect(throws: StorageError.self) { try await store.journalEvents(after: .zero) }
        while store.figures.rebuiltCount < 2 { await Task.yield() }
        #expect(store.oldestPosition == Revision(30))
        #expect(bench.setAside.count == 1)
        #expect(try await store.journalItems() == memory.items())
        // Positions stay good.
        let stream = store.watch(after: Revision(12), .all)
        #expect(try await read(stream, after: Revision(12)).count == 18)
        await store.close()
    }
}
