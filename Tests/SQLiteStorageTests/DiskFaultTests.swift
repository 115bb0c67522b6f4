import Buffers
import SQLiteStorage
import Storage
import Synchronization
import Testing

struct DiskFaultTests {
    let directory = TemporaryDirectory()
    private let large = Bytes([UInt8](repeating: 120, count: 20_000))

    /// Whether a commit ended in `notWritable` that names the file.
    private func isRefused(_ error: StorageError?, _ key: Key) -> Bool {
        guard case .notWritable(key, let reason) = error else { return false }
        return reason.contains(directory.file)
    }

    @Test func `a full disk refuses writes, goes on reading, and recovers by itself`() async throws
    {
        let options = SQLiteStore.Options(byteCountMax: 400_000)
        let store = try await SQLiteStore(path: directory.file, options: options)
        var kept = 0
        let error = await #expect(throws: StorageError.self) {
            while true {
                try await store.put(Key("k\(kept)"), large)
                kept += 1
            }
        }
        #expect(isRefused(error, Key("k\(kept)")), "\(String(describing: error))")
        #expect(kept > 5)
        #expect(try await store.items().count == kept)
        #expect(try await store.currentRevision() == Revision(UInt64(kept)))
        #expect(try await store.events(after: .zero).count == kept)

        try await store.execute("PRAGMA max_page_count = 100000")
        #expect(try await store.put("more", large) == Revision(UInt64(kept + 1)))
        await store.close()
        let again = try await SQLiteStore(path: directory.file)
        #expect(try await again.events(after: .zero).count == kept + 1)
        await again.close()
    }

    @Test func `space that a compaction frees can be written again`() async throws {
        let options = SQLiteStore.Options(byteCountMax: 400_000)
        let store = try await SQLiteStore(path: directory.file, options: options)
        await #expect(throws: StorageError.self) {
            while true { try await store.put("k", large) }
        }
        try await store.compact(before: try await store.currentRevision())
        try await store.put("k", large)
        await store.close()
    }

    @Test func `a group that does not fit is undone as a whole`() async throws {
        let options = SQLiteStore.Options(byteCountMax: 400_000)
        let store = try await SQLiteStore(path: directory.file, options: options)
        let kept = await withTaskGroup(of: [Key].self) { group in
            for task in 0..<16 {
                group.addTask {
                    var kept: [Key] = []
                    for number in 0..<4 {
                        let key = Key("t\(task)/\(number)")
                        if (try? await store.put(key, large)) != nil { kept.append(key) }
                    }
                    return kept
                }
            }
            return await group.reduce(into: Set<Key>()) { $0.formUnion($1) }
        }
        #expect(Set(try await store.items().map(\.key)) == kept)
        #expect(try await store.currentRevision() == Revision(UInt64(kept.count)))
        await store.close()
    }

    @Test func `a row that fails takes the rows before it along`() async throws {
        let store = try await SQLiteStore(path: directory.file)
        try await store.execute(
            """
            CREATE TEMP TRIGGER fault BEFORE INSERT ON main.log
            WHEN NEW.key = CAST('poison' AS BLOB) BEGIN SELECT RAISE(ABORT, 'poisoned'); END
            """)
        let transaction = Transaction(operations: [.put("a", "one"), .put("poison", "two")])
        let error = await #expect(throws: StorageError.self) { try await store.commit(transaction) }
        #expect(isRefused(error, "a"), "\(String(describing: error))")
        #expect(try await store.put("b", "three") == Revision(1))
        await store.close()
        let again = try await SQLiteStore(path: directory.file)
        #expect(try await again.items().map(\.key) == ["b"])
        await again.close()
    }

    @Test func `a file that cannot be written to refuses and recovers`() async throws {
        let store = try await SQLiteStore(path: directory.file)
        try await store.put("a", "one")
        try await store.execute("PRAGMA query_only = ON")
        let error = await #expect(throws: StorageError.self) { try await store.put("a", "two") }
        #expect(isRefused(error, "a"), "\(String(describing: error))")
        #expect(try await store.get("a")?.value == "one")
        let probe = Transaction(comparisons: [.absent("a")], operations: [.put("a", "two")])
        #expect(
            try await store.commit(probe)
                == .conflict(.absent("a"), current: try await store.get("a")))
        try await store.execute("PRAGMA query_only = OFF")
        #expect(try await store.put("a", "two") == Revision(2))
        await store.close()
    }

    // MARK: Commits of unknown outcome

    /// Fails at the points that are set, once each.
    private final class Faults: Sendable {
        private let points = Mutex<Set<FaultPoint>>([])
        func set(_ points: Set<FaultPoint>) { self.points.withLock { $0 = points } }
        func isFaulty(_ point: FaultPoint) -> Bool { points.withLock { $0.remove(point) != nil } }
    }

    private let faults = Faults()

    private func open() async throws -> SQLiteStore {
        let faults = faults
        return try await SQLiteStore(
            path: directory.file, options: SQLiteStore.Options(), isFaulty: { faults.isFaulty($0) })
    }

    @Test func `a commit that failed and was not made is told as not written`() async throws {
        let store = try await open()
        try await store.put("a", "one")
        faults.set([.commit])
        let error = await #expect(throws: StorageError.self) { try await store.put("a", "two") }
        #expect(error == .notWritable("a", reason: "a fault for a test"))
        #expect(try await store.get("a")?.value == "one")
        #expect(try await store.put("a", "three") == Revision(2))
        await store.close()
    }

    @Test func `a commit that was made although it failed is told as made`() async throws {
        let store = try await open()
        faults.set([.commitAnswer])
        #expect(try await store.put("a", "one") == Revision(1))
        #expect(try await store.put("a", "two") == Revision(2))
        #expect(try await store.events(after: .zero).count == 2)
        await store.close()
    }

    @Test(arguments: [FaultPoint.commit, .commitAnswer])
    func `while the outcome cannot be found out it is uncertain`(_ point: FaultPoint) async throws {
        let store = try await open()
        try await store.put("a", "one")
        let stream = store.watch(after: Revision(1), .all)
        faults.set([point, .recovery])
        let error = await #expect(throws: StorageError.self) { try await store.put("a", "two") }
        #expect(error == .uncertain("a", reason: "a fault for a test"))

        let next = try await store.put("b", "three")
        let wasMade = point == .commitAnswer
        #expect(next == Revision(wasMade ? 3 : 2))
        #expect(try await store.get("a")?.value == (wasMade ? "two" : "one"))
        var keys: [Key] = []
        while keys.last != "b", let batch = try await stream.next() {
            keys += batch.events.map(\.key)
        }
        #expect(keys == (wasMade ? ["a", "b"] : ["b"]))
        await store.close()
        let again = try await open()
        #expect(try await again.events(after: .zero).count == (wasMade ? 3 : 2))
        await again.close()
    }
}
