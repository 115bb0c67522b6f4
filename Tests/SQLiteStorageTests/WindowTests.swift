import Buffers
import Storage
import StorageTesting
import Testing

@testable import SQLiteStorage

/// How the window is reckoned, without a file.
struct WindowTests {
    private static let second: Int64 = 1_000

    /// A window of 512 seconds and 512 bytes: a mark is due after each second, and each byte.
    private func window(age: Int64 = 512, byteCount: Int = 512) -> Window {
        Window(
            Retention(age: .seconds(age), byteCount: byteCount), marks: [], writtenAfter: 0)
    }

    private func write(
        _ window: inout Window, _ revision: UInt64, byteCount: Int = 0, at second: Int64
    ) {
        let mark = window.mark(
            at: Revision(revision), adding: byteCount, time: second * Self.second)
        window.note(byteCount, mark)
    }

    @Test func `a mark is made once enough time has gone by or enough was written`() {
        var window = window()
        write(&window, 1, at: 0)
        write(&window, 2, at: 0)
        write(&window, 3, at: 1)
        write(&window, 4, byteCount: 1, at: 1)
        #expect(window.marks.map(\.revision.rawValue) == [1, 3, 4])
        #expect(window.writtenByteCount == 1)
    }

    @Test func `what is older than the age is out of the window`() {
        var window = window()
        for revision in 1...100 as ClosedRange<UInt64> {
            write(&window, revision, at: Int64(revision) * 10)
        }
        #expect(window.start(at: 511 * Self.second) == nil)
        #expect(window.start(at: 522 * Self.second) == Revision(1))
        #expect(window.start(at: 1_012 * Self.second) == Revision(50))
        #expect(window.start(at: 99_999 * Self.second) == Revision(100))
    }

    @Test func `what is too much is out of the window`() {
        var window = window()
        for revision in 1...100 as ClosedRange<UInt64> {
            write(&window, revision, byteCount: 10, at: 0)
        }
        // The last 51 revisions have 510 bytes.
        #expect(window.start(at: 0) == Revision(49))
        write(&window, 101, byteCount: 100_000, at: 0)
        #expect(window.start(at: 0) == Revision(101))
    }

    @Test func `forgotten marks are those before the window`() {
        var window = window()
        for revision in 1...9 as ClosedRange<UInt64> {
            write(&window, revision, at: Int64(revision))
        }
        window.forget(before: Revision(4))
        #expect(window.marks.first?.revision == Revision(4))
    }

    @Test func `a clock that was set back makes nothing younger`() {
        var window = window()
        write(&window, 1, at: 1_000)
        write(&window, 2, byteCount: 5, at: 10)
        #expect(window.marks.map(\.time) == [1_000_000, 1_000_000])
        #expect(window.start(at: 1_511 * Self.second) == nil)
        #expect(window.start(at: 1_512 * Self.second) == Revision(2))
    }

    @Test func `marks that contradict each other are worthless`() {
        let retention = Retention(age: .seconds(1), byteCount: 100)
        let marks = [
            Mark(revision: Revision(5), time: 9, writtenByteCount: 3),
            Mark(revision: Revision(6), time: 8, writtenByteCount: 4),
        ]
        let window = Window(retention, marks: marks, writtenAfter: 7)
        #expect(window.marks.isEmpty && window.writtenByteCount == 7)
    }
}

/// How the file keeps to the window.
struct TrimmingTests {
    private let directory = TemporaryDirectory()
    private let clock = WallClock()

    private func open(age: Int64 = 3_600, byteCount: Int = 1 << 30) async throws -> SQLiteStore {
        let retention = Retention(age: .seconds(age), byteCount: byteCount)
        let clock = clock
        return try await SQLiteStore(
            path: directory.file, options: .init(retention: retention), isFaulty: { _ in false },
            wallTime: { clock.now })
    }

    /// Waits until the window begins at `revision`: trimming is done behind the writers' backs.
    private func wait(for revision: Revision, _ store: SQLiteStore) async throws {
        while store.oldestPosition < revision { await Task.yield() }
        #expect(store.oldestPosition == revision)
    }

    @Test func `events past their age are forgotten as writing goes on`() async throws {
        let store = try await open()
        for number in 1...20 {
            try await store.put(Key("k\(number % 4)"), Bytes("\(number)"))
            clock.advance(seconds: 60)
        }
        #expect(store.oldestPosition == .zero)
        clock.advance(seconds: 3_600 - 600)
        let last = try await store.put("k", "last")
        try await wait(for: Revision(11), store)
        #expect(try await store.events(after: Revision(11)).count == 10)
        await #expect(throws: StorageError.compacted(requested: Revision(10), oldest: Revision(11)))
        {
            try await store.events(
                HistoryRequest(.all, after: Revision(10), through: last))
        }
        await store.close()
    }

    @Test func `the figures follow the window`() async throws {
        let store = try await open()
        for number in 1...20 {
            try await store.put(Key("k\(number % 4)"), Bytes([UInt8](repeating: 65, count: 98)))
            clock.advance(seconds: 60)
        }
        var figures = try #require(store.logFigures)
        #expect(figures.age == .seconds(1_200) && figures.lastWritten == Revision(20))
        // Each event has 100 bytes; the first is what the first mark counts up to.
        #expect(figures.byteCount == 1_900)
        #expect(figures.fileByteCount ?? 0 > 2_000 && figures.waitingCount == 0)
        clock.advance(seconds: 3_600 - 600)
        try await store.put("last", "")
        try await wait(for: Revision(11), store)
        figures = try #require(store.logFigures)
        #expect(figures.age == .seconds(3_600) && figures.byteCount == 904)
        await store.close()
    }

    @Test func `ages survive a restart`() async throws {
        var store = try await open()
        for number in 1...10 {
            try await store.put(Key("k\(number % 4)"), Bytes("\(number)"))
            clock.advance(seconds: 60)
        }
        await store.close()
        clock.advance(seconds: 3_600 - 300)
        store = try await open()
        try await wait(for: Revision(6), store)
        #expect(try await store.items().count == 4)
        await store.close()
        clock.advance(seconds: 3_600)
        store = try await open()
        try await wait(for: Revision(10), store)
        await store.close()
    }

    @Test func `events past the bytes are forgotten, also those from before a restart`()
        async throws
    {
        let value = Bytes([UInt8](repeating: 120, count: 1_000))
        var store = try await open(byteCount: 100_000)
        for number in 0..<60 { try await store.put(Key("k\(number % 4)"), value) }
        #expect(store.oldestPosition == .zero)
        await store.close()
        store = try await open(byteCount: 100_000)
        for number in 60..<160 { try await store.put(Key("k\(number % 4)"), value) }
        // Each event has 1,002 bytes.
        try await wait(for: Revision(160 - 99), store)
        await store.close()
        store = try await open(byteCount: 10_000)
        try await wait(for: Revision(160 - 9), store)
        while try await store.rowCount() > 13 { await Task.yield() }
        await store.close()
    }

    @Test func `a file from before there were marks gets them`() async throws {
        let old = try await SQLiteStore(path: directory.file)
        for number in 0..<10 { try await old.put(Key("k\(number % 4)"), "v") }
        try await old.execute("DROP TABLE marks")
        await old.close()
        let store = try await open()
        #expect(try await store.items().count == 4)
        try await store.put("k", "v")
        clock.advance(seconds: 3_600)
        try await store.put("k", "w")
        try await wait(for: Revision(11), store)
        await store.close()
    }

    @Test func `a store that was told no window keeps everything`() async throws {
        let store = try await SQLiteStore(path: directory.file)
        for number in 0..<2_000 { try await store.put(Key("k\(number % 4)"), "v") }
        #expect(store.oldestPosition == .zero)
        #expect(try await store.rowCount() == 2_000)
        await store.close()
    }
}
