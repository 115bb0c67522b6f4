import Buffers
import Storage
import Testing

@testable import EtcdStorage

struct WatchAssemblyTests {
    private static func assembly(_ range: KeyRange = .all, after position: UInt64) -> WatchAssembly
    {
        WatchAssembly(
            range, after: Revision(position), Keyspace(prefix: "/b"), clusterID: sampleCluster)
    }

    private static func answer(_ line: Bytes) throws -> WatchAnswer {
        try WatchAnswer.read(line).get()
    }

    @Test func `a watch starts at its position, and what is known is left out`() throws {
        var assembly = Self.assembly(after: 5)
        #expect(assembly.call.body.description.contains(#""start_revision":"5""#))
        #expect(Self.assembly(after: 0).call.body.description.contains(#""start_revision":"1""#))
        let batches = try assembly.add(
            try Self.answer(
                sampleLine(
                    [
                        SampleChange(key: "items/a", revision: 5),
                        SampleChange(key: "items/a", revision: 6, created: 5, previous: 5),
                        SampleChange(key: "items/b", revision: 6),
                        SampleChange(key: "items/a", revision: 8, value: nil, previous: 6),
                    ], revision: 9)))
        #expect(
            batches == [
                EventBatch(
                    events: [
                        Event(
                            revision: Revision(6), key: "a", change: .put("v"),
                            previous: Revision(5)),
                        Event(revision: Revision(6), key: "b", change: .put("v"), previous: nil),
                        Event(
                            revision: Revision(8), key: "a", change: .delete,
                            previous: Revision(6)),
                    ], through: Revision(8))
            ])
    }

    @Test func `fragments are put together before a transaction is handed on`() throws {
        var assembly = Self.assembly(after: 1)
        let first = sampleLine(
            [
                SampleChange(key: "items/a", revision: 2),
                SampleChange(key: "items/b", revision: 3),
            ], revision: 9, more: #","fragment":true"#)
        #expect(try assembly.add(try Self.answer(first)).map(\.through) == [Revision(2)])
        let second = sampleLine(
            [SampleChange(key: "items/c", revision: 3)], revision: 9, more: #","fragment":true"#)
        #expect(try assembly.add(try Self.answer(second)) == [])
        let last = sampleLine([SampleChange(key: "items/d", revision: 3)], revision: 9)
        let batches = try assembly.add(try Self.answer(last))
        #expect(batches.map(\.through) == [Revision(3)])
        #expect(batches[0].events.map(\.key) == ["b", "c", "d"])
    }

    @Test func `other ranges and marks of gateways only move the position on`() throws {
        var assembly = Self.assembly(.prefix("a"), after: 1)
        let batches = try assembly.add(
            try Self.answer(
                sampleLine(
                    [
                        SampleChange(key: "items/b", revision: 2),
                        SampleChange(key: "meta/progress", revision: 4, created: 2),
                    ], revision: 4)))
        #expect(batches == [EventBatch(events: [], through: Revision(4))])
    }

    @Test func `a progress notice moves the position on, a notice of the stream does not`() throws {
        var assembly = Self.assembly(after: 3)
        let created = sampleLine(revision: 9, more: #","created":true"#)
        #expect(try assembly.add(try Self.answer(created)) == [])
        let ofStream = sampleLine(revision: 9, more: #","watch_id":"-1""#)
        #expect(try assembly.add(try Self.answer(ofStream)) == [])
        #expect(
            try assembly.add(try Self.answer(sampleLine(revision: 9)))
                == [EventBatch(events: [], through: Revision(9))])
        #expect(try assembly.add(try Self.answer(sampleLine(revision: 9))) == [])
    }

    @Test func `many changes come in bounded batches of whole transactions`() throws {
        let changes = (2...1_500).flatMap { revision in
            ["x", "y"].map { SampleChange(key: "items/\($0)\(revision)", revision: revision) }
        }
        var assembly = Self.assembly(after: 1)
        let batches = try assembly.add(try Self.answer(sampleLine(changes, revision: 1_500)))
        #expect(batches.map(\.events.count) == [1_024, 1_024, 950])
        #expect(batches.map(\.through) == [Revision(513), Revision(1_025), Revision(1_500)])
    }

    @Test func `a cancelled watch says what is kept, or why else it ended`() throws {
        var assembly = Self.assembly(after: 3)
        let compacted = sampleLine(
            revision: 0, more: #","canceled":true,"compact_revision":"7""#)
        #expect(throws: StorageError.compacted(requested: Revision(3), oldest: Revision(7))) {
            try assembly.add(try Self.answer(compacted))
        }
        let denied = sampleLine(
            revision: 0, more: #","canceled":true,"cancel_reason":"permission denied""#)
        #expect(
            throws: StorageError.unavailable(reason: "etcd ended the watch: permission denied")
        ) { try assembly.add(try Self.answer(denied)) }
    }

    @Test func `a change that lost what it replaced ends the watch`() throws {
        var assembly = Self.assembly(after: 3)
        let line = sampleLine(
            [SampleChange(key: "items/a", revision: 9, created: 5)], revision: 9)
        #expect(throws: StorageError.self) { try assembly.add(try Self.answer(line)) }
    }

    @Test func `another cluster's answer is refused`() throws {
        var assembly = Self.assembly(after: 3)
        let line = sampleLine(
            [SampleChange(key: "items/a", revision: 9)], revision: 9, cluster: 1)
        #expect(throws: StorageError.self) { try assembly.add(try Self.answer(line)) }
    }
}
