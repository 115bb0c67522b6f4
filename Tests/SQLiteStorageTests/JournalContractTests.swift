// The contract of every store, kept by one with a journal.

import Buffers
import SQLiteStorage
import Storage
import StorageTesting
import Testing

/// A store and its journal, compacted together; its history waits for the writer.
private struct SettledStore: Store, EventHistory {
    let journaled: JournaledStore

    var identity: StoreIdentity { journaled.identity }
    var oldestPosition: Revision { journaled.oldestPosition }

    func get(_ key: Key) async throws(StorageError) -> Item? { try await journaled.get(key) }

    func get(_ key: Key, at revision: Revision) async throws(StorageError) -> Item? {
        try await journaled.get(key, at: revision)
    }

    func list(
        _ range: KeyRange, after: Key?, limit: Int, at revision: Revision?
    ) async throws(StorageError) -> Page {
        try await journaled.list(range, after: after, limit: limit, at: revision)
    }

    func commit(_ transaction: Transaction) async throws(StorageError) -> CommitResult {
        try await journaled.commit(transaction)
    }

    func watch(after revision: Revision, _ range: KeyRange) -> EventStream {
        journaled.watch(after: revision, range)
    }

    func currentRevision() async throws(StorageError) -> Revision {
        try await journaled.currentRevision()
    }

    func compact(before revision: Revision) async throws(StorageError) {
        let current = try await journaled.currentRevision()
        // What is delivered is not derived.
        if revision <= current { await journaled.waitUntilDelivered(current) }
        try await journaled.compact(before: revision)
        try await journaled.compactJournal(before: revision)
    }

    func events(_ request: HistoryRequest) async throws(StorageError) -> HistoryPage {
        await journaled.waitUntilDelivered(request.end)
        _ = await journaled.waitUntilWritten(request.end)
        return try await journaled.events(request)
    }
}

struct JournalContractTests {
    @Test(arguments: StoreContract.checks)
    func `a store with a journal keeps the contract`(_ check: StoreCheck) async throws {
        try await check.run { try await Self.fixture(JournalBench()) }
    }

    private static func fixture(_ bench: JournalBench) async throws -> StoreFixture {
        let journaled = try await bench.open()
        return StoreFixture(
            store: SettledStore(journaled: journaled), close: { await journaled.close() },
            reopen: { try await fixture(bench) })
    }
}
