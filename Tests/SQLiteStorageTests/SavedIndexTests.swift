import Buffers
import SeedTesting
import Storage
import StorageTesting
import Testing

@testable import SQLiteStorage

/// The index that the file keeps, beside the rows that it is made from.
struct SavedIndexTests {
    private let directory = TemporaryDirectory()

    /// A mark, and with it the beginning of an index, comes with every 80 bytes.
    private func open(rows: Int = 100) async throws -> SQLiteStore {
        let retention = Retention(age: .seconds(3_600), byteCount: 80 * 512)
        return try await SQLiteStore(
            path: directory.file, options: .init(retention: retention),
            isFaulty: { _ in false }, savedRowCountMin: rows)
    }

    /// Writes, deletes and compacts at random.
    private func write(
        _ count: Int, _ store: SQLiteStore, _ random: inout SeededGenerator
    ) async throws {
        for _ in 0..<count {
            let key = Key("some/rather/long/name/of/a/key-\(random.next() % 300)")
            if random.next() % 5 == 0 {
                _ = try await store.commit(Transaction(operations: [.delete(key)]))
            } else {
                try await store.put(key, Bytes("value-\(random.next())"))
            }
            guard random.next() % 200 == 0 else { continue }
            let current = try await store.currentRevision().rawValue
            try await store.compact(before: Revision(current - min(current, random.next() % 300)))
        }
    }

    /// What the file says without its saved index.
    private func itemsWithoutIndex() async throws -> [Item] {
        var store = try await open(rows: .max)
        try await store.execute("DELETE FROM saved")
        await store.close()
        store = try await open(rows: .max)
        let items = try await store.items()
        await store.close()
        return items
    }

    @Test func `an opening by the saved index shows what the rows say`() async throws {
        var random = SeededGenerator()
        print("saved index: BINNACLE_TEST_SEED=\(random.seed)")
        var savedCount = 0
        for _ in 0..<12 {
            var store = try await open()
            try await write(Int(random.next() % 700), store, &random)
            let (items, revision) = (try await store.items(), try await store.currentRevision())
            let rowCount = try await store.rowCount()
            await store.close()
            store = try await open(rows: .max)
            #expect(store.opening.revision == revision)
            #expect(try await store.items() == items)
            if store.opening.readRowCount < rowCount { savedCount += 1 }
            await store.close()
            #expect(try await itemsWithoutIndex() == items)
        }
        #expect(savedCount > 0)
    }

    @Test func `an opening reads the rows after the saved index only`() async throws {
        var store = try await open()
        for number in 0..<1_000 { try await store.put(Key("key-\(number % 10)"), "v") }
        await store.close()
        store = try await open()
        #expect(store.opening.readRowCount < 150)
        #expect(store.opening.revision == Revision(1_000))
        #expect(try await store.events(after: .zero).count == 1_000)
        await store.close()
    }

    @Test(arguments: [
        "UPDATE saved SET data = zeroblob(length(data)) WHERE part & 4294967295 = 1",
        "UPDATE saved SET checksum = checksum + 1",
        "UPDATE saved SET data = x'00'",
        "DELETE FROM saved WHERE part & 4294967295 = 1",
        "DELETE FROM saved WHERE part & 4294967295 = 0",
        "DROP TABLE saved",
    ])
    func `a damaged index is as good as none`(_ sql: String) async throws {
        var store = try await open()
        for number in 0..<1_000 {
            try await store.put(Key("key-\(number % 10)"), Bytes("v\(number)"))
        }
        let items = try await store.items()
        try await store.execute(sql)
        await store.close()
        store = try await open()
        #expect(store.opening.readRowCount == 1_000)
        #expect(try await store.items() == items)
        // It is saved again.
        for number in 0..<200 { try await store.put(Key("key-\(number % 10)"), "v") }
        await store.close()
        store = try await open()
        #expect(store.opening.readRowCount < 200)
        await store.close()
    }

    @Test func `an index that the sweep has passed is not used`() async throws {
        var store = try await open()
        for number in 0..<200 { try await store.put(Key("key-\(number % 10)"), "v") }
        await store.close()
        store = try await open(rows: .max)
        for number in 0..<10 {
            _ = try await store.commit(
                Transaction(operations: [.delete(Key("key-\(number)"))]))
        }
        try await store.compact(before: Revision(210))
        try await store.put("other", "v")
        await store.close()
        store = try await open()
        #expect(try await store.items().map(\.key) == ["other"])
        await store.close()
    }

    @Test func `a row that is missing before the index is told when it is read`() async throws {
        var store = try await open()
        for number in 0..<300 { try await store.put(Key("key-\(number % 150)"), "v") }
        try await store.execute("DELETE FROM log WHERE position >> 16 IN (20, 155)")
        await store.close()
        store = try await open()
        #expect(store.opening.readRowCount < 200)
        #expect(try await store.get("key-5")?.revision == Revision(156))
        await #expect(throws: StorageError.self) { try await store.get("key-4") }
        await #expect(throws: StorageError.self) { try await store.events(after: .zero) }
        await store.close()
    }

    @Test func `what is no part of an index is not read as one`() {
        var index = KeyMap<Latest>()
        for number in 0..<3_000 {
            let position = Position(Revision(UInt64(number + 1)), sequence: 0)
            index[Key("a key of a usual length \(number)")] = Latest(
                position, isDeletion: number % 3 == 0)
        }
        var last: Key?
        var entries: [Key: Latest] = [:]
        var partCount = 0
        while case let part = SavedIndex.part(of: index, after: last), part.last != nil {
            #expect(
                SavedIndex.read(part.data) {
                    entries[$0] = $1
                    return true
                })
            #expect(!SavedIndex.read(part.data.dropFirst(1)) { _, _ in true })
            #expect(!SavedIndex.read(part.data[0..<part.data.count - 1]) { _, _ in true })
            last = part.last
            partCount += 1
        }
        #expect(entries.count == 3_000 && partCount > 2)
        index.walk(.all) { key, latest in
            #expect(entries[key] == latest)
            return true
        }
        #expect(SavedIndex.header("no header at all, however") == nil)
    }
}

/// When the write-ahead log is copied.
struct LogProgressTests {
    @Test func `a log that has become long is copied beside the writer, once at a time`() {
        var progress = LogProgress()
        #expect(progress.note(pageCount: Limits.checkpointPageCount - 1) == .nothing)
        #expect(progress.note(pageCount: Limits.checkpointPageCount) == .copyBeside)
        #expect(progress.note(pageCount: Limits.checkpointPageCount * 2) == .nothing)
        #expect(progress.noteCopied(Limits.checkpointPageCount + 10) == .nothing)
        #expect(progress.note(pageCount: Limits.checkpointPageCount * 2) == .nothing)
        #expect(progress.note(pageCount: Limits.checkpointPageCount * 2 + 10) == .copyBeside)
    }

    @Test func `a log that has begun anew counts from its beginning`() {
        var progress = LogProgress()
        _ = progress.note(pageCount: Limits.checkpointPageCount)
        _ = progress.noteCopied(Limits.checkpointPageCount)
        #expect(progress.note(pageCount: 3) == .nothing)
        #expect(progress.note(pageCount: Limits.checkpointPageCount) == .copyBeside)
    }

    @Test func `a log that stays long is ended by the writer`() {
        var progress = LogProgress()
        _ = progress.note(pageCount: Limits.logPageCountMax)
        #expect(progress.noteCopied(Limits.logPageCountMax - 20) == .copyHere)
        _ = progress.note(pageCount: Limits.logPageCountMax * 2)
        #expect(progress.noteCopied(nil) == .copyHere)
    }
}
