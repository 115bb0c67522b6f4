// From another store into a cluster, by what is there afterwards.

import Buffers
import Storage
import Testing

@testable import EtcdStorage

@Suite(.serialized) struct MigrationTests {
    private static let bench = Task { try await EtcdBench(memberCount: 1) }

    /// A store under a prefix of its own.
    private func target() async throws -> EtcdStore {
        let bench = try await Self.bench.value
        return try bench.store(prefix: bench.freshPrefix, gateway: "migration")
    }

    private func source(_ count: Int) async throws -> MemoryStore {
        let store = MemoryStore()
        for number in 0..<count {
            let key = Key("things/n\(number)")
            let value = Bytes(String(repeating: "\(number) ", count: number * 50 % 997 + 1))
            _ = try await store.commit(Transaction(operations: [.put(key, value)]))
        }
        _ = try await store.commit(Transaction(operations: [.delete("things/n1")]))
        return store
    }

    private func items(_ store: some Store) async throws -> [Key: Bytes] {
        var found: [Key: Bytes] = [:]
        for try await item in ItemPages(store: store, revision: try await store.currentRevision()) {
            found[item.key] = item.value
        }
        return found
    }

    @Test func `everything arrives, at revisions past those of the source`() async throws {
        let (source, target) = (try await source(400), try await target())
        let summary = try await Migration(into: target) { _ in }.run(from: source, restarts: false)
        #expect(summary.itemCount == 399)
        #expect(summary.source == Revision(401))
        #expect(summary.target > summary.source)
        #expect(try await items(target) == items(source))
        #expect(try await !target.isBeingFilled)
        await target.close()
    }

    @Test func `revisions are passed over where etcd is behind the source`() async throws {
        let (source, target) = (try await source(1), try await target())
        let behind = try await target.currentRevision()
        for _ in 0...(behind.rawValue + 3_000) {
            _ = try await source.commit(Transaction(operations: [.put("things/n0", "x")]))
        }
        let summary = try await Migration(into: target) { _ in }.run(from: source, restarts: false)
        #expect(summary.source > behind)
        #expect(summary.target > summary.source)
        #expect(try await items(target) == ["things/n0": "x"])
        await target.close()
    }

    @Test func `a store in which anything is stays as it is`() async throws {
        let (source, target) = (try await source(3), try await target())
        _ = try await target.commit(Transaction(operations: [.put("mine", "x")]))
        let prefix = target.core.keyspace.prefix.description
        await #expect(throws: MigrationFailure.notEmpty(prefix: prefix)) {
            try await Migration(into: target) { _ in }.run(from: source, restarts: true)
        }
        #expect(try await items(target) == ["mine": "x"])
        #expect(try await !target.isBeingFilled)
        await target.close()
    }

    @Test func `a copy that was broken off is begun again when that is asked for`() async throws {
        let (source, target) = (try await source(3), try await target())
        try await MigrationMark(target.core).put("test", restarts: false)
        _ = try await target.commit(Transaction(operations: [.put("things/left", "x")]))
        #expect(try await target.isBeingFilled)
        let prefix = target.core.keyspace.prefix.description
        await #expect(throws: MigrationFailure.begun(prefix: prefix)) {
            try await Migration(into: target) { _ in }.run(from: source, restarts: false)
        }
        _ = try await Migration(into: target) { _ in }.run(from: source, restarts: true)
        #expect(try await items(target) == items(source))
        #expect(try await !target.isBeingFilled)
        await target.close()
    }

    @Test func `an object that etcd does not take is named before anything is copied`()
        async throws
    {
        let (source, target) = (try await source(3), try await target())
        let byteCount = EtcdStorage.Limits.valueByteCountMax + 1
        let large = Bytes(repeatElement(UInt8(ascii: "x"), count: byteCount))
        _ = try await source.commit(Transaction(operations: [.put("things/large", large)]))
        let expected = MigrationFailure.tooLarge(
            count: 1, first: "things/large", byteCount: byteCount)
        await #expect(throws: expected) {
            try await Migration(into: target) { _ in }.run(from: source, restarts: false)
        }
        #expect(try await items(target).isEmpty)
        await target.close()
    }

    @Test func `what somebody else writes meanwhile is noticed`() async throws {
        let (source, target) = (try await source(3), try await target())
        let copying = ItemCopy(source, at: Revision(4), into: target)
        try await copying.copy { _ in }
        #expect(try await copying.difference() == nil)
        _ = try await target.commit(Transaction(operations: [.put("things/n00", "x")]))
        #expect(try await copying.difference() == "things/n00")
        _ = try await target.commit(
            Transaction(operations: [.delete("things/n00"), .put("things/n2", "x")]))
        #expect(try await copying.difference() == "things/n2")
        _ = try await target.commit(Transaction(operations: [.delete("things/n2")]))
        #expect(try await copying.difference() == "things/n2")
        await target.close()
    }
}
