import Buffers
import Storage
import Testing

@testable import SQLiteStorage

/// What is kept in memory, and who may read it.
struct LogStateTests {
    private func state(current: UInt64 = 10, compacted: UInt64 = 2) -> LogState {
        LogState(
            index: KeyMap(), current: Revision(current), compacted: Revision(compacted))
    }

    private func row(_ revision: UInt64, _ key: Key, byteCount: Int = 1) -> LogRow {
        LogRow(
            position: Position(Revision(revision), sequence: 0), before: nil, kind: .created,
            key: key, value: Bytes([UInt8](repeating: 120, count: byteCount)))
    }

    @Test func `a sweep stops before the oldest reader and goes on when it leaves`() throws {
        var state = state()
        let old = try state.pin(Revision(3))
        let new = try state.pin(nil)
        #expect(new == Revision(10))
        state.compact(before: Revision(8))
        #expect(state.sweepBound == Revision(3))
        state.awaitUnpin()
        let mayGoOn = state.unpin(old)
        #expect(mayGoOn)
        #expect(state.sweepBound == Revision(8))
        let mayGoOnAgain = state.unpin(new)
        #expect(!mayGoOnAgain)
    }

    @Test func `a revision with two readers is held until both have left`() throws {
        var state = state()
        let revisions = [try state.pin(Revision(5)), try state.pin(Revision(5))]
        state.compact(before: Revision(9))
        _ = state.unpin(revisions[0])
        #expect(state.sweepBound == Revision(5))
        _ = state.unpin(revisions[1])
        #expect(state.sweepBound == Revision(9))
    }

    @Test func `no reader can come to stand before the compaction`() {
        var state = state()
        state.compact(before: Revision(8))
        #expect(throws: StorageError.compacted(requested: Revision(7), oldest: Revision(8))) {
            try state.pin(Revision(7))
        }
        #expect(state.sweepBound == Revision(8))
    }

    @Test func `a deletion that was swept is forgotten unless the key came back`() {
        var state = state()
        let deletion = Position(Revision(11), sequence: 0)
        for key in ["a", "b"] as [Key] {
            let revision = state.current.next
            state.apply([
                LogRow(
                    position: Position(revision, sequence: 0), before: nil, kind: .deleted,
                    key: key, value: .empty)
            ])
        }
        state.apply([row(13, "b")])
        state.forget([("a", deletion), ("b", Position(Revision(12), sequence: 0))])
        #expect(state.index["a"] == nil)
        #expect(state.index["b"]?.position.revision == Revision(13))
    }

    @Test func `the tail forgets the oldest transactions past its size`() {
        var tail = Tail(after: Revision(10))
        let size = SQLiteStorage.Limits.tailByteCountMax / 10
        for revision in 11...UInt64(40) {
            tail.append([row(revision, "k", byteCount: size).event], through: Revision(revision))
        }
        #expect(tail.start == Revision(31))
        let batch = tail.batch(after: Revision(31), .all)
        #expect(batch.events.map(\.revision.rawValue).first == 32)
        #expect(tail.batch(after: Revision(39), .all).through == Revision(40))
        #expect(tail.batch(after: Revision(38), .prefix("none")).events.isEmpty)
    }

    @Test func `where a derived stretch ends is a state to resume from, also before another one`() {
        var tail = Tail(after: .zero)
        tail.append([row(1, "k").event], through: Revision(1), isDerived: true)
        tail.append([], through: Revision(2), isDerived: true)
        let entries = tail.entries(eventCountMax: 10, byteCountMax: 1_000)
        #expect(entries.map(\.through.rawValue) == [1, 2])
        tail.append([row(3, "k").event], through: Revision(3))
        tail.append([], through: Revision(4))
        #expect(tail.count == 3)
    }

    @Test func `one transaction larger than the tail leaves it empty`() {
        var tail = Tail(after: .zero)
        let size = SQLiteStorage.Limits.tailByteCountMax + 1
        tail.append([row(1, "k", byteCount: size).event], through: Revision(1))
        #expect(tail.start == Revision(1))
        tail.append([row(2, "k").event], through: Revision(2))
        #expect(tail.start == Revision(1))
        #expect(tail.batch(after: Revision(1), .all).through == Revision(2))
    }
}
