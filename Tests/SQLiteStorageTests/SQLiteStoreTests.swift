import Buffers
import Glibc
import SQLiteStorage
import Storage
import StorageTesting
import Testing

extension Store {
    /// Puts, and insists on success.
    @discardableResult
    func put(_ key: Key, _ value: Bytes) async throws -> Revision {
        let result = try await commit(Transaction(operations: [.put(key, value)]))
        guard case .committed(let revision) = result else {
            throw Conflict(description: "\(result)")
        }
        return revision
    }

    func items() async throws -> [Item] {
        try await list(.all, after: nil, limit: .max, at: nil).items
    }

    /// Every event after `revision`, up to now.
    func events(after revision: Revision) async throws -> [Event] {
        let last = try await currentRevision()
        let stream = watch(after: revision, .all)
        var events: [Event] = []
        var through = revision
        while through < last, let batch = try await stream.next() {
            events += batch.events
            through = batch.through
        }
        return events
    }
}

struct Conflict: Error, CustomStringConvertible { let description: String }

struct SQLiteStoreTests {
    let directory = TemporaryDirectory()

    @Test(arguments: StoreContract.checks)
    func `a store in a file keeps the contract`(_ check: StoreCheck) async throws {
        try await check.run {
            try await Self.fixture(in: TemporaryDirectory())
        }
    }

    private static func fixture(in directory: TemporaryDirectory) async throws -> StoreFixture {
        let store = try await SQLiteStore(path: directory.file)
        return StoreFixture(
            store: store, close: { await store.close() },
            reopen: { try await fixture(in: directory) })
    }

    @Test func `a new file can be read by its owner only`() async throws {
        let store = try await SQLiteStore(path: directory.file)
        try await store.put("a", "secret")
        for suffix in ["", "-wal", "-shm", ".lock"] {
            var status = stat()
            #expect(stat(directory.file + suffix, &status) == 0, "\(suffix)")
            #expect(status.st_mode & 0o777 == 0o600, "\(suffix)")
        }
        await store.close()
    }

    @Test func `a second opening is refused and names the file and the process`() async throws {
        let store = try await SQLiteStore(path: directory.file)
        let error = await #expect(throws: StorageError.self) {
            try await SQLiteStore(path: directory.file)
        }
        let reason =
            "\(directory.file) is open in process \(getpid()) (\(directory.file).lock is locked)"
        #expect(error == .unavailable(reason: reason))
        await store.close()
        await (try SQLiteStore(path: directory.file)).close()
    }

    @Test func `a directory that is not there is named`() async throws {
        let error = await #expect(throws: StorageError.self) {
            try await SQLiteStore(path: "\(directory.path)/none/store.db")
        }
        #expect(error?.description.contains("none/store.db") == true)
        #expect(error?.description.contains("No such file") == true)
    }

    @Test func `opening tells what was found`() async throws {
        let store = try await SQLiteStore(path: directory.file)
        #expect(store.opening.itemCount == 0)
        for number in 0..<10 { try await store.put(Key("k\(number % 4)"), "v") }
        _ = try await store.commit(Transaction(operations: [.delete("k0")]))
        try await store.compact(before: Revision(11))
        await store.close()
        let again = try await SQLiteStore(path: directory.file)
        #expect(again.opening.itemCount == 3)
        #expect(again.opening.revision == Revision(11))
        await again.close()
    }

    @Test func `a watcher that is far behind reads on from the file`() async throws {
        let store = try await SQLiteStore(path: directory.file)
        let value = Bytes([UInt8](repeating: 120, count: 200_000))
        for number in 0..<90 {
            try await store.put(Key("k\(number % 7)"), number.isMultiple(of: 2) ? value : "small")
        }
        let events = try await store.events(after: .zero)
        #expect(events.map(\.revision.rawValue) == Array(1...90))
        #expect(events[0].change == .put(value))
        #expect(
            events[7]
                == Event(
                    revision: Revision(8), key: "k0", change: .put("small"), previous: Revision(1)))
        await store.close()
    }

    @Test func `the past of one key is told whether it has few rows or many`() async throws {
        var store = try await SQLiteStore(path: directory.file)
        for number in 0..<1_200 {
            let often = Operation.put("often", Bytes("\(number)"))
            let rarely = Operation.put("rarely", Bytes("\(number)"))
            _ = try await store.commit(
                Transaction(operations: number % 400 == 0 ? [often, rarely] : [often]))
        }
        _ = try await store.commit(Transaction(operations: [.delete("rarely")]))
        await store.close()
        store = try await SQLiteStore(path: directory.file)
        for (key, revisions) in [
            (Key("often"), Array(1...1_200)), ("rarely", [1, 401, 801, 1_201]), ("never", []),
        ] {
            var request = HistoryRequest(.only(key), after: .zero, through: Revision(1_201))
            var seen: [Int] = []
            while request.position < request.end {
                let page = try await store.events(request)
                seen += page.events.map { Int($0.event.revision.rawValue) }
                request.position = page.through
            }
            #expect(seen == revisions, "\(key)")
        }
        await store.close()
    }

    @Test func `compaction leaves one row for each item and reuses the space`() async throws {
        let store = try await SQLiteStore(path: directory.file)
        let value = Bytes([UInt8](repeating: 120, count: 1_000))
        var sizes: [Int] = []
        for _ in 0..<5 {
            for block in 0..<20 {
                let keys = (0..<100).map { Key("k\(($0 + block) % 150)") }
                _ = try await store.commit(Transaction(operations: keys.map { .put($0, value) }))
            }
            _ = try await store.commit(Transaction(operations: [.delete("k0"), .delete("k1")]))
            try await store.compact(before: try await store.currentRevision())
            #expect(try await store.rowCount() == store.items().count)
            try await store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            sizes.append(byteCount(of: directory.file))
        }
        #expect(sizes[4] <= sizes[1] * 5 / 4, "\(sizes)")
        await store.close()
    }

    @Test func `a compaction that was interrupted is finished after the next opening`() async throws
    {
        let store = try await SQLiteStore(path: directory.file)
        for number in 0..<1_500 { try await store.put(Key("k\(number % 3)"), Bytes("v\(number)")) }
        try await store.execute("UPDATE meta SET value = 1500 WHERE name = 'compacted'")
        await store.close()
        let again = try await SQLiteStore(path: directory.file)
        await #expect(
            throws: StorageError.compacted(requested: Revision(9), oldest: Revision(1_500))
        ) {
            try await again.watch(after: Revision(9), .all).next()
        }
        try await again.compact(before: Revision(1_500))
        #expect(try await again.rowCount() == 3)
        #expect(try await again.items().map(\.value) == ["v1497", "v1498", "v1499"])
        await again.close()
    }

    @Test func `the history before a deletion stays readable until compaction passes it`()
        async throws
    {
        let store = try await SQLiteStore(path: directory.file)
        try await store.put("a", "one")
        try await store.put("a", "two")
        _ = try await store.commit(Transaction(operations: [.delete("a")]))
        try await store.put("b", "three")
        try await store.compact(before: Revision(2))
        #expect(try await store.get("a", at: Revision(2))?.value == "two")
        try await store.compact(before: Revision(3))
        #expect(try await store.get("a", at: Revision(3)) == nil)
        #expect(try await store.rowCount() == 1)
        await store.close()
    }
}
