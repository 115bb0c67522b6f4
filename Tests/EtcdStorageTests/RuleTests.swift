// Whom to ask, when a watch is dead, what became of a commit, how far to compact.

import Buffers
import Storage
import Testing

@testable import EtcdStorage

struct EndpointHealthTests {
    private static var limits: EtcdStorage.Limits {
        var limits = EtcdStorage.Limits()
        limits.restMin = .milliseconds(100)
        limits.restMax = .seconds(1)
        return limits
    }

    @Test func `one that works is kept, one that failed rests ever longer`() {
        var health = EndpointHealth(count: 3, preferred: 1, Self.limits)
        #expect(health.choice(at: .zero) == 1)
        health.failed(1, at: .zero, jitter: 0)
        #expect(health.choice(at: .zero) == 2)
        health.worked(2)
        #expect(health.choice(at: .seconds(5)) == 2)
        health.failed(2, at: .seconds(5), jitter: 0)
        health.failed(0, at: .seconds(5), jitter: 0)
        health.failed(1, at: .seconds(5), jitter: 0)
        #expect(health.choice(at: .seconds(5)) == nil)
        // The second failure of the one that has not worked since.
        #expect(health.choice(at: .milliseconds(5_150), avoiding: [0, 2]) == nil)
        #expect(health.choice(at: .milliseconds(5_200), avoiding: [0, 2]) == 1)
        #expect(health.nextChoice(at: .seconds(5)) == .milliseconds(5_100))
    }

    @Test func `rests are jittered, bounded, and not made longer by calls that fail together`() {
        var health = EndpointHealth(count: 1, preferred: 0, Self.limits)
        for _ in 0..<5 { health.failed(0, at: .zero, jitter: 0.5) }
        #expect(health.nextChoice(at: .zero) == .milliseconds(75))
        var now = Duration.zero
        for _ in 0..<30 {
            now = health.nextChoice(at: now)
            health.failed(0, at: now, jitter: 0)
        }
        #expect(health.nextChoice(at: now) - now == .seconds(1))
    }
}

struct WatchLatenessTests {
    private static var limits: EtcdStorage.Limits {
        var limits = EtcdStorage.Limits()
        limits.watchMarkedAfter = .milliseconds(50)
        limits.watchAbandonedAfter = .seconds(2)
        return limits
    }

    @Test func `a late watch is marked once, and given up when the mark does not come`() {
        var lateness = WatchLateness(at: Revision(3), Self.limits)
        #expect(lateness.step(at: .zero) == .none)
        lateness.learn(Revision(3), at: .zero)
        #expect(lateness.step(at: .zero) == .none)
        lateness.learn(Revision(5), at: .zero)
        #expect(lateness.step(at: .milliseconds(10)) == .wait(.milliseconds(40)))
        #expect(lateness.step(at: .milliseconds(50)) == .mark)
        // The answer to the mark does not begin the wait anew.
        lateness.learn(Revision(6), at: .milliseconds(60))
        #expect(lateness.step(at: .seconds(1)) == .wait(.seconds(1)))
        #expect(lateness.step(at: .seconds(2)) == .abandon)
    }

    @Test func `a watch that arrives is not late, and one that is held up is excused`() {
        var lateness = WatchLateness(at: Revision(3), Self.limits)
        lateness.learn(Revision(5), at: .zero)
        lateness.excuse(at: .seconds(9))
        #expect(lateness.step(at: .seconds(9)) == .wait(.milliseconds(50)))
        lateness.arrive(at: Revision(4))
        #expect(lateness.isDue)
        lateness.arrive(at: Revision(5))
        #expect(lateness.step(at: .seconds(20)) == .none)
    }
}

struct CommitTraceTests {
    private func event(
        _ revision: UInt64, _ key: Key, _ change: Event.Change
    ) -> Event {
        Event(revision: Revision(revision), key: key, change: change, previous: nil)
    }

    private func trace(_ operations: [Storage.Operation], _ events: [Event]) -> Revision? {
        var trace = CommitTrace(Transaction(operations: operations))
        for event in events { trace.add([event]) }
        trace.finish()
        return trace.committed
    }

    @Test func `a transaction is known by all of its changes, in one revision`() {
        let operations: [Storage.Operation] = [.put("a", "1"), .delete("b"), .put("c", "2")]
        let others = [event(4, "a", .put("1")), event(5, "c", .put("2"))]
        #expect(trace(operations, others) == nil)
        let ours = [event(6, "a", .put("1")), event(6, "b", .delete), event(6, "c", .put("2"))]
        #expect(trace(operations, others + ours) == Revision(6))
        #expect(trace(operations, ours + [event(7, "a", .put("9"))]) == Revision(6))
    }

    @Test func `what deleted nothing leaves no trace`() {
        let operations: [Storage.Operation] = [.delete("b"), .put("c", "2")]
        #expect(trace(operations, [event(6, "c", .put("2"))]) == Revision(6))
        #expect(trace(operations, [event(6, "b", .delete)]) == nil)
        #expect(trace([.delete("b")], []) == nil)
    }

    @Test func `other values and further changes are another's`() {
        #expect(trace([.put("a", "1")], [event(6, "a", .put("2"))]) == nil)
        #expect(
            trace([.put("a", "1")], [event(6, "a", .put("1")), event(6, "b", .delete)]) == nil)
    }
}

struct JournalMarkTests {
    private func item(_ key: Bytes, _ written: Int, _ modified: UInt64) -> KeyValue {
        var item = KeyValue()
        item.key = key
        item.value = Bytes("\(written)")
        item.modified = Revision(modified)
        return item
    }

    @Test func `the slowest journal counts until it has not moved for too long`() {
        var marks = JournalMarks(patience: .seconds(100))
        marks.update([item("a", 50, 1), item("b", 90, 2)], at: .zero)
        #expect(marks.slowest(at: .seconds(99)) == Revision(50))
        marks.update([item("a", 50, 1), item("b", 95, 3)], at: .seconds(90))
        #expect(marks.slowest(at: .seconds(101)) == Revision(95))
        #expect(marks.slowest(at: .seconds(200)) == nil)
    }

    @Test func `a journal that is no longer named does not count`() {
        var marks = JournalMarks(patience: .seconds(100))
        marks.update([item("a", 50, 1)], at: .zero)
        marks.update([item("b", 70, 5)], at: .seconds(1))
        #expect(marks.slowest(at: .seconds(1)) == Revision(70))
    }
}

struct PageSizeTests {
    @Test func `large items make small pages, small ones large pages`() {
        var size = PageSize()
        size.note(itemCount: 10, byteCount: 10 * 1_000_000)
        #expect(size.itemCount == 8)
        size.note(itemCount: 10, byteCount: 10 * 40_000)
        #expect(size.itemCount == 209)
        size.note(itemCount: 8, byteCount: 0)
        #expect(size.itemCount == 1_000)
    }
}

/// Members that take connections and answer nothing, as paused ones do.
private struct SilentTransport: Transport {
    let endpoints = ["m0", "m1"]

    func answer(
        to call: Call, from member: Int, within duration: Duration
    ) async throws(TransportFailure) -> Reply {
        throw TransportFailure(reason: "m\(member): no first byte in time", mayHaveReached: true)
    }

    func stream(
        _ call: Call, from member: Int, within duration: Duration
    ) async throws(TransportFailure) -> any LineSource {
        throw TransportFailure(reason: "m\(member): no first byte in time", mayHaveReached: true)
    }

    func close() async {}
}

struct SilentMemberTests {
    @Test func `who comes while all members rest is told why they do`() async throws {
        var options = EtcdStore.Options(gateway: "test")
        options.limits.restMin = .seconds(60)
        options.limits.restMax = .seconds(60)
        let store = EtcdStore(SilentTransport(), options)
        for _ in 0..<2 {
            do throws(StorageError) {
                _ = try await store.currentRevision()
                Issue.record("silent members have answered")
            } catch {
                #expect("\(error)".contains("no first byte in time"))
            }
        }
        await store.close()
    }
}
