import Storage
import Synchronization
import Testing

@testable import WatchCache

private final class Tally: Sendable {
    private let counts = Mutex<[Bool]>([])
    func add(_ isApplied: Bool) { counts.withLock { $0.append(isApplied) } }
    var all: [Bool] { counts.withLock { $0 } }
}

@Suite struct ProgressTests {
    @Test func `nobody who waits is forgotten, however registering and advancing interleave`()
        async
    {
        let progress = Progress()
        let last: UInt64 = 3_000
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for revision in 1...last {
                    progress.advance(to: Revision(revision))
                    if revision.isMultiple(of: 50) { await Task.yield() }
                }
                return true
            }
            for revision in 1...last {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        progress.register(Revision(revision)) { continuation.resume(returning: $0) }
                    }
                }
            }
            for await isApplied in group { #expect(isApplied) }
        }
        #expect(progress.waiterCount == 0)
    }

    @Test func `waiters are woken in order and each once`() {
        let progress = Progress()
        let woken = Mutex<[Int]>([])
        for revision in [5, 3, 9, 3] {
            progress.register(Revision(UInt64(revision))) { isApplied in
                #expect(isApplied)
                woken.withLock { $0.append(revision) }
            }
        }
        progress.advance(to: Revision(2))
        #expect(woken.withLock { $0 } == [])
        progress.advance(to: Revision(5))
        #expect(woken.withLock { $0 } == [3, 3, 5])
        progress.advance(to: Revision(20))
        #expect(woken.withLock { $0 } == [3, 3, 5, 9])
    }

    @Test func `a cancelled wait ends once, with false`() {
        let progress = Progress()
        let tally = Tally()
        let number = progress.register(Revision(4)) { tally.add($0) }
        progress.cancel(number!)
        progress.cancel(number!)
        progress.advance(to: Revision(4))
        #expect(tally.all == [false])
        #expect(progress.register(Revision(4)) { tally.add($0) } == nil)
        #expect(tally.all == [false, true])
    }

    @Test func `a wait for a future revision ends when its time is up`() async throws {
        let clock = ManualClock()
        let cache = try await Samples.emptyCache(clock: clock.cacheClock)
        let waiting = Task { await cache.wait(for: Revision(5), atMost: .seconds(3)) }
        while clock.sleeperCount == 0 { await Task.yield() }
        clock.advance(by: .seconds(3))
        #expect(await waiting.value == false)
        #expect(cache.common.progress.waiterCount == 0)
    }

    @Test func `a wait ends early when the revision comes`() async throws {
        let clock = ManualClock()
        let cache = try await Samples.emptyCache(clock: clock.cacheClock)
        let waiting = Task { await cache.wait(for: Revision(1), atMost: .seconds(3)) }
        while clock.sleeperCount == 0 { await Task.yield() }
        cache.apply(Samples.put(Samples.pod("a"), 1))
        #expect(await waiting.value)
        #expect(await cache.wait(for: Revision(1), atMost: .zero))
    }

    @Test func `a cancelled task does not wait on`() async throws {
        let cache = try await Samples.emptyCache()
        let waiting = Task { await cache.waitUntilApplied(Revision(99)) }
        while cache.common.progress.waiterCount == 0 { await Task.yield() }
        waiting.cancel()
        #expect(await waiting.value == false)
    }

    @Test func `a callback runs on the loop that it was asked for`() async throws {
        let cache = try await Samples.emptyCache()
        let loop = ManualLoop()
        let tally = Tally()
        cache.whenApplied(Revision(1), on: { loop.execute($0) }, { tally.add(true) })
        loop.runAll()
        #expect(tally.all.isEmpty)
        cache.apply(Samples.put(Samples.pod("a"), 1))
        #expect(tally.all.isEmpty && loop.jobCount == 1)
        loop.runAll()
        #expect(tally.all == [true])
    }
}
