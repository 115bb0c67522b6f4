// Journals that are not as they were left, or not of this store.

import Buffers
import Glibc
import SQLiteStorage
import SeedTesting
import Storage
import StorageTesting
import Testing

struct JournalDamageTests {
    let bench = JournalBench()
    private var memory: MemoryStore { bench.remote.memory }

    private func fill(_ count: Int = 60) async throws {
        try await bench.run { store in
            for number in 0..<count {
                let key = Key("key-\(number % 20)")
                if number % 7 == 6, number >= 20 {
                    try await store.delete(key)
                } else {
                    try await store.put(key, Bytes("value-\(number)-of-the-test"))
                }
            }
        }
        bench.forgetReports()
    }

    private func change(_ sql: String) async throws {
        let store = try await bench.open()
        try await store.execute(sql)
        await store.close()
        bench.forgetReports()
    }

    /// Opens the journal and insists that it shows what the store has, and nothing else.
    private func checkContent(_ sentence: String) async throws {
        let store = try await bench.open()
        try await store.settle(at: try await memory.currentRevision())
        #expect(try await store.journalItems() == memory.items(), "\(sentence)")
        let oldest = store.oldestPosition
        let events = try await memory.events(after: oldest)
        #expect(try await store.journalEvents(after: oldest).map(\.event) == events, "\(sentence)")
        await store.close()
    }

    private func isSetAside(_ number: Int = 1) -> Bool {
        access("\(bench.path).broken-\(number)", F_OK) == 0
    }

    @Test(arguments: [
        "DELETE FROM log WHERE position >> 16 = 40",
        "DELETE FROM log WHERE position >> 16 = 59",
        "DELETE FROM log WHERE position >> 16 > 50",
        "UPDATE log SET before = 0 WHERE position >> 16 = 40",
        "UPDATE log SET kind = 2 WHERE position >> 16 = 40",
        "UPDATE log SET value = CAST('other' AS BLOB) WHERE position >> 16 = 10",
        "UPDATE log SET key = CAST('other' AS BLOB) WHERE position >> 16 = 40",
        "UPDATE log SET position = position + 65536 WHERE position >> 16 = 60",
        "UPDATE log SET position = -5 WHERE position >> 16 = 60",
        "UPDATE meta SET value = 500 WHERE name = 'compacted'",
        "UPDATE meta SET value = 30 WHERE name = 'compacted'",
        "UPDATE meta SET value = 40 << 16 WHERE name = 'swept'",
        "DELETE FROM meta WHERE name = 'swept'",
        "UPDATE meta SET value = 'other' WHERE name = 'identity'",
        "UPDATE runs SET through = through - 1", "UPDATE runs SET after = 3",
        "UPDATE runs SET items = items + 1", "UPDATE runs SET row_sum = row_sum + 1",
        "DROP TABLE runs", "DELETE FROM runs", "DROP TABLE log", "PRAGMA user_version = 9",
        "PRAGMA application_id = 9",
    ])
    func `a journal that contradicts itself is set aside and made anew`(
        _ sql: String
    ) async throws {
        try await fill()
        try await change(sql)
        try await checkContent(sql)
        #expect(bench.setAside.count == 1, "\(sql): \(bench.reports)")
        #expect(isSetAside())
    }

    @Test func `an empty file is made a journal`() async throws {
        writeFile(bench.path, [])
        try await checkContent("an empty file")
        #expect(bench.setAside == [])
    }

    @Test func `a file that is no database is set aside`() async throws {
        writeFile(bench.path, [UInt8](repeating: 88, count: 8_192))
        try await checkContent("no database")
        #expect(bench.setAside.count == 1)
        #expect(bench.setAside.first?.contains("file is not a database") == true)
    }

    @Test func `a few journals that were set aside are kept`() async throws {
        for number in 1...5 {
            writeFile(bench.path, [UInt8](repeating: UInt8(number), count: 8_192))
            try await checkContent("\(number)")
        }
        for number in 1...3 {
            let bytes = readFile("\(bench.path).broken-\(number)")
            #expect(bytes.first == UInt8(6 - number))
        }
        #expect(!isSetAside(4))
    }

    @Test func `a journal of another store is set aside`() async throws {
        try await fill()
        let other = MemoryStore()
        for number in 0..<90 { try await other.put(Key("other-\(number % 10)"), "v") }
        bench.remote.replace(with: other)
        try await checkContent("another store")
        #expect(bench.setAside.first?.contains("of the store") == true)
    }

    @Test func `a journal of a store that went back is set aside`() async throws {
        try await fill()
        let identity = memory.identity
        let older = MemoryStore(identity: identity)
        for number in 0..<30 { try await older.put(Key("key-\(number % 20)"), "v") }
        bench.remote.replace(with: older)
        try await checkContent("went back")
        #expect(bench.setAside.first?.contains("before the journal's 60") == true)
    }

    @Test func `a journal of a store that went back and on is set aside`() async throws {
        try await fill()
        let other = MemoryStore(identity: memory.identity)
        for number in 0..<90 { try await other.put(Key("key-\(number % 20)"), "v") }
        bench.remote.replace(with: other)
        try await checkContent("went back and on")
        #expect(bench.setAside.first?.contains("past of key-19 at revision 60") == true)
    }

    /// While it is followed.
    @Test(arguments: [true, false])
    func `a store that is replaced voids the positions of all watchers`(
        _ isOther: Bool
    ) async throws {
        let store = try await bench.open()
        for number in 0..<20 { try await store.put(Key("k\(number % 6)"), "v") }
        try await store.settle(at: Revision(20))
        let stream = store.watch(after: Revision(20), .all)
        let first = memory
        let other = isOther ? MemoryStore() : MemoryStore(identity: first.identity)
        for number in 0..<10 { try await other.put(Key("n\(number % 4)"), "w") }
        bench.remote.replace(with: other)
        // Breaks the watch that is waiting.
        try await first.put("wake", "v")
        let error = await #expect(throws: StorageError.self) { try await stream.next() }
        #expect(error == .future(requested: Revision(20), current: Revision(10)))
        #expect(try await store.journalItems() == other.items())
        let next = try await store.put("k", "v")
        #expect(try await store.watch(after: Revision(10), .all).next()?.through == next)
        #expect(store.figures.setAsideCount == 1)
        await store.close()
    }

    @Test func `flipped bits are never served`() async throws {
        var random = SeededGenerator()
        print("journal damage: BINNACLE_TEST_SEED=\(random.seed)")
        try await fill(200)
        // Past what the store still has, so that damage cannot be told from it by itself.
        let files = ["", "-wal"].map { (bench.path + $0, readFile(bench.path + $0)) }
        var setAsideCount = 0
        for round in 0..<60 {
            for (path, bytes) in files {
                var damaged = bytes
                for _ in 0..<Int.random(in: 1...3, using: &random) where !damaged.isEmpty {
                    let place = Int.random(in: damaged.indices, using: &random)
                    damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                }
                writeFile(path, damaged)
            }
            unlink(bench.path + "-shm")
            bench.forgetReports()
            try await checkContent("seed \(random.seed), round \(round)")
            setAsideCount += bench.setAside.count
        }
        #expect(setAsideCount > 5)
    }

    @Test func `torn files are never served`() async throws {
        var random = SeededGenerator()
        print("journal damage: BINNACLE_TEST_SEED=\(random.seed)")
        // Left open, so that the write-ahead log is as a crash leaves it.
        let store = try await bench.open()
        try await store.writeAtRandom(count: 150, &random)
        try await store.settle(at: try await memory.currentRevision())
        let files = ["", "-wal"].map { (bench.path + $0, readFile(bench.path + $0)) }
        await store.close()
        for round in 0..<40 {
            let torn = round % 2
            for (number, (path, bytes)) in files.enumerated() {
                var left = bytes
                if number == torn, !bytes.isEmpty {
                    left.removeLast(Int.random(in: 0...bytes.count, using: &random))
                    for _ in 0..<Int.random(in: 0...100, using: &random) {
                        left.append(.random(in: 0...255, using: &random))
                    }
                }
                writeFile(path, left)
            }
            unlink(bench.path + "-shm")
            try await checkContent("seed \(random.seed), round \(round)")
        }
    }

    @Test func `a lost end of the write-ahead log costs nothing but its events' reading`()
        async throws
    {
        let store = try await bench.open()
        for number in 0..<80 {
            try await store.settle(at: try await store.put(Key("k\(number % 9)"), "v"))
        }
        let wal = readFile(bench.path + "-wal")
        let file = readFile(bench.path)
        await store.close()
        bench.forgetReports()
        writeFile(bench.path, file)
        writeFile(bench.path + "-wal", Array(wal.prefix(wal.count * 3 / 4)))
        unlink(bench.path + "-shm")
        let again = try await bench.open()
        #expect(again.figures.writtenRevision < Revision(80))
        #expect(again.figures.writtenRevision > .zero)
        try await again.settle(at: Revision(80))
        #expect(again.oldestPosition == .zero)
        let events = try await memory.events(after: .zero)
        #expect(try await again.journalEvents(after: .zero).map(\.event) == events)
        #expect(bench.setAside == [])
        await again.close()
    }
}
