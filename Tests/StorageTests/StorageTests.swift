import Buffers
import Storage
import StorageTesting
import Testing

struct MemoryStoreTests {
    @Test(arguments: StoreContract.checks)
    func `a store in memory keeps the contract`(_ check: StoreCheck) async throws {
        try await check.run {
            let store = MemoryStore()
            return StoreFixture(store: store, close: { await store.close() })
        }
    }

    @Test func `a store in memory takes the identity it is given`() async {
        let store = MemoryStore(identity: StoreIdentity("one"))
        #expect(store.identity == StoreIdentity("one"))
    }

    @Test func `a full history forgets its older half and keeps the items`() async throws {
        let store = MemoryStore(eventCountMax: 10)
        for number in 1...11 {
            _ = try await store.commit(
                Transaction(operations: [.put(Key("k\(number % 4)"), "v")]))
        }
        #expect(try await store.list(.all, after: nil, limit: 10, at: nil).items.count == 4)
        #expect(
            await #expect(throws: StorageError.self) {
                try await store.watch(after: Revision(5), .all).next()
            } == .compacted(requested: Revision(5), oldest: Revision(6)))
        let batch = try await store.watch(after: Revision(6), .all).next()
        #expect(batch?.events.map(\.revision.rawValue) == [7, 8, 9, 10, 11])
    }
}
