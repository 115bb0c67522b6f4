// What is told to those who know the state at a revision.

import Buffers
import Storage
import Testing

@testable import WatchCache

@Suite struct ChangeCheckTests {
    /// Puts pod `p<n % 10>` at revision n + 1, and remembers the newest 30 of 100 events.
    private static func bench(
        adjust: (inout WatchCache.Limits) -> Void = { _ in }
    ) async throws -> PastBench {
        try await PastBench(count: 100, recalled: 30, adjust: adjust)
    }

    private static func checked(
        _ bench: PastBench, _ revision: UInt64, _ selection: Selection = Selection()
    ) -> ChangeCheck {
        let pods = bench.cache.pods
        return pods.checked(since: Revision(revision), filter: pods.filter(selection))
    }

    private static func checkedWithPast(
        _ bench: PastBench, _ revision: UInt64, _ selection: Selection
    ) async throws -> ChangeCheck {
        let pods = bench.cache.pods
        return try await pods.checkedWithPast(
            since: Revision(revision), filter: pods.filter(selection))
    }

    @Test func `memory tells what has changed within its reach`() async throws {
        let bench = try await Self.bench()
        let unchanged = ChangeCheck.unchanged(through: Revision(100))
        #expect(Self.checked(bench, 99) == .changed)
        #expect(Self.checked(bench, 100) == unchanged)
        let p5 = Selection(namespace: "default", name: "p5")
        #expect(Self.checked(bench, 95, p5) == .changed)
        #expect(Self.checked(bench, 96, p5) == unchanged)
        #expect(Self.checked(bench, 72, Selection(namespace: "other")) == unchanged)
    }

    @Test func `a revision that has not been reached is not known to anybody`() async throws {
        let bench = try await Self.bench()
        #expect(Self.checked(bench, 101) == .changed)
    }

    @Test func `what changes elsewhere does not age what a reader knows`() async throws {
        let bench = try await Self.bench()
        for _ in 0..<40 {
            let node = [Operation.put("core/nodes/n", "{}")]
            _ = try await bench.store.commit(Transaction(operations: node))
        }
        bench.cache.common.progress.advance(to: Revision(140))
        #expect(Self.checked(bench, 100) == .unchanged(through: Revision(140)))
        #expect(Self.checked(bench, 99) == .changed)
    }

    @Test func `before the reach of memory a present object tells that something has changed`()
        async throws
    {
        let bench = try await Self.bench()
        #expect(Self.checked(bench, 50) == .changed)
        let first = Selection(namespace: "default", name: "p1")
        #expect(Self.checked(bench, 50, first) == .changed)
    }

    @Test func `before the reach of memory the history tells that nothing has changed`()
        async throws
    {
        let bench = try await Self.bench()
        for selection in [
            Selection(namespace: "other"), Selection(namespace: "default", name: "q"),
        ] {
            #expect(Self.checked(bench, 50, selection) == .past)
            let told = try await Self.checkedWithPast(bench, 50, selection)
            #expect(told == .unchanged(through: Revision(100)))
        }
    }

    @Test func `the history tells of an object that is gone`() async throws {
        let gone = Samples.pod("gone", namespace: "other")
        let bench = try await PastBench(
            count: 60,
            write: { store in
                for operation in [Operation.put(Key(gone.key), gone.value), .delete(Key(gone.key))]
                {
                    _ = try await store.commit(Transaction(operations: [operation]))
                }
                for number in 0..<10 { try await PastBench.put(store, number) }
            })
        let other = Selection(namespace: "other")
        #expect(Self.checked(bench, 61, other) == .past)
        let before = try await Self.checkedWithPast(bench, 61, other)
        #expect(before == .changed)
        let after = try await Self.checkedWithPast(bench, 62, other)
        #expect(after == .unchanged(through: Revision(72)))
    }

    @Test func `no history is read beyond a limit or out of the window`() async throws {
        let other = Selection(namespace: "other")
        let near = try await Self.bench { $0.checkedRevisionCountMax = 40 }
        #expect(Self.checked(near, 60, other) == .past)
        #expect(Self.checked(near, 59, other) == .changed)
        let bench = try await Self.bench()
        try await bench.store.compact(before: Revision(40))
        #expect(Self.checked(bench, 40, other) == .past)
        #expect(Self.checked(bench, 39, other) == .changed)
    }
}
