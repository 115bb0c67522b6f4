import Buffers
import SQLiteStorage
import Storage
import Testing

/// What happens to files that are not as the store left them.
struct DamageTests {
    let directory = TemporaryDirectory()

    private func fill() async throws {
        let store = try await SQLiteStore(path: directory.file)
        for number in 0..<200 {
            try await store.put(Key("key-\(number % 50)"), Bytes("value-\(number)-of-the-test"))
        }
        await store.close()
    }

    private func change(_ sql: String) async throws {
        let store = try await SQLiteStore(path: directory.file)
        try await store.execute(sql)
        await store.close()
    }

    private func openingError() async -> StorageError? {
        await #expect(throws: StorageError.self) { try await SQLiteStore(path: directory.file) }
    }

    /// Overwrites the first place where `text` stands in the file.
    private func replace(_ text: String, with other: String) {
        var bytes = readFile(directory.file)
        let (old, new) = (Array(text.utf8), Array(other.utf8))
        guard let place = bytes.indices.first(where: { bytes[$0...].starts(with: old) }) else {
            Issue.record("\(text) is not in the file")
            return
        }
        bytes.replaceSubrange(place..<(place + new.count), with: new)
        writeFile(directory.file, bytes)
    }

    @Test func `a damaged value is told when it is read, and others can be read`() async throws {
        try await fill()
        replace("value-157-of-the-test", with: "value-157-of-the-Test")
        let store = try await SQLiteStore(path: directory.file)
        let error = await #expect(throws: StorageError.self) { try await store.get("key-7") }
        guard case .corrupted(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains("key-7 at revision 158"))
        #expect(try await store.get("key-8")?.value == "value-158-of-the-test")
        await #expect(throws: StorageError.self) { try await store.items() }
        await #expect(throws: StorageError.self) { try await store.events(after: .zero) }
        await store.close()
    }

    @Test(arguments: [
        "DELETE FROM log WHERE position >> 16 = 100",
        "UPDATE log SET before = 0 WHERE position >> 16 = 100",
        "UPDATE log SET kind = 2 WHERE position >> 16 = 100",
        "UPDATE log SET kind = 7 WHERE position >> 16 = 100",
        "UPDATE log SET key = CAST('other' AS BLOB) WHERE position >> 16 = 100",
        "UPDATE meta SET value = 500 WHERE name = 'compacted'",
        "DELETE FROM meta WHERE name = 'swept'",
        "DELETE FROM meta WHERE name = 'identity'",
    ])
    func `rows that contradict each other are found at the opening`(_ sql: String) async throws {
        try await fill()
        try await change(sql)
        guard case .corrupted(let reason) = await openingError() else {
            Issue.record("opened after \(sql)")
            return
        }
        #expect(reason.contains(directory.file))
    }

    @Test func `a file that is no database is told so`() async throws {
        writeFile(directory.file, [UInt8](repeating: 88, count: 8_192))
        guard case .corrupted(let reason) = await openingError() else {
            Issue.record("opened")
            return
        }
        #expect(reason.contains("\(directory.file): file is not a database"))
    }

    @Test func `a torn file is told so`() async throws {
        try await fill()
        let bytes = readFile(directory.file)
        writeFile(directory.file, Array(bytes.prefix(bytes.count / 2)))
        guard case .corrupted = await openingError() else {
            Issue.record("opened")
            return
        }
    }

    @Test func `an empty file is a new store`() async throws {
        writeFile(directory.file, [])
        let store = try await SQLiteStore(path: directory.file)
        #expect(try await store.currentRevision() == .zero)
        await store.close()
    }

    @Test func `a file of another program or format is left alone`() async throws {
        try await fill()
        try await change("PRAGMA user_version = 2")
        #expect(
            await openingError()
                == .unavailable(
                    reason: "\(directory.file) has format 2; this program reads format 1"))
    }

    @Test func `a file of another program is left alone`() async throws {
        try await fill()
        try await change("PRAGMA application_id = 7")
        #expect(
            await openingError()
                == .unavailable(reason: "\(directory.file) belongs to another program"))
    }
}
