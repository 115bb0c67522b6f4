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

struct ReceiptTests {
    @Test func `commits at once have keys of their own, and later ones use them again`() {
        let book = ReceiptBook { Bytes("slot \($0)") }
        let (first, second) = (book.take(under: Revision(4)), book.take(under: Revision(4)))
        #expect(first.key != second.key)
        book.giveBack(first)
        let third = book.take(under: Revision(4))
        #expect(third.key == first.key)
        #expect(third.number != first.number)
    }

    @Test func `a key that a lost commit may still write is left alone until it no longer may`() {
        let book = ReceiptBook { Bytes("slot \($0)") }
        let lost = book.take(under: Revision(4))
        book.keep(lost, under: Revision(4))
        let next = book.take(under: Revision(4))
        #expect(next.key != lost.key)
        #expect(book.take(under: Revision(5)).key == lost.key)
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
