import Buffers
import Dispatch
import Storage
import Synchronization
import Testing

@testable import SQLiteStorage

/// How transactions that wait together are decided and made durable.
struct GroupTests {
    let directory = TemporaryDirectory()

    /// Counts the commits of the file, and holds up the first one.
    private final class Gate: Sendable {
        let commitCount = Mutex(0)
        private let isOpen = DispatchSemaphore(value: 0)

        func open() { isOpen.signal() }

        func pass(_ point: FaultPoint) -> Bool {
            guard point == .commit else { return false }
            let isFirst = commitCount.withLock { count in
                count += 1
                return count == 1
            }
            if isFirst { isOpen.wait() }
            return false
        }
    }

    private func conflicts(of results: [CommitResult]) -> [Item?] {
        results.compactMap { if case .conflict(_, let current) = $0 { current } else { nil } }
    }

    @Test func `commits that wait together are made durable together, in one order`() async throws {
        let gate = Gate()
        let store = try await SQLiteStore(
            path: directory.file, options: SQLiteStore.Options(), isFaulty: { gate.pass($0) })
        let taskCount = 40
        let results = try await withThrowingTaskGroup(of: CommitResult.self) { group in
            group.addTask { .committed(try await store.put("first", "one")) }
            while gate.commitCount.withLock({ $0 }) == 0 { await Task.yield() }
            for number in 0..<taskCount {
                let key: Key = number.isMultiple(of: 2) ? "shared" : Key("own/\(number)")
                let transaction = Transaction(
                    comparisons: [.absent(key)], operations: [.put(key, Bytes("\(number)"))])
                group.addTask { try await store.commit(transaction) }
            }
            while store.waitingCount < taskCount { await Task.yield() }
            gate.open()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(gate.commitCount.withLock { $0 } == 2)
        let revisions = results.compactMap { result -> UInt64? in
            if case .committed(let revision) = result { revision.rawValue } else { nil }
        }
        #expect(revisions.sorted() == Array(1...22))
        let shared = try await store.get("shared")
        let conflicts = conflicts(of: results)
        #expect(conflicts.count == 19)
        #expect(conflicts.allSatisfy { $0 == shared })
        await store.close()
    }

    private let stored: [Key: Latest] = [
        "a": Latest(Position(Revision(3), sequence: 1), isDeletion: false),
        "b": Latest(Position(Revision(4), sequence: 0), isDeletion: true),
    ]

    private func decide(
        _ plan: inout GroupPlan, _ comparisons: [Comparison], _ operations: [Storage.Operation]
    ) -> GroupPlan.Decision {
        plan.decide(Transaction(comparisons: comparisons, operations: operations)) { stored[$0] }
    }

    @Test func `each transaction of a group finds what those before it did`() {
        var plan = GroupPlan(after: Revision(4))
        guard case .write(let first) = decide(&plan, [.present("a")], [.delete("a")]),
            case .write(let second) = decide(&plan, [.absent("a")], [.put("a", "new")]),
            case .write(let third) = decide(
                &plan, [.unchanged("a", since: Revision(6))], [.put("a", "newer"), .put("b", "b")])
        else {
            Issue.record("a transaction was refused")
            return
        }
        #expect(first.map(\.kind) == [.deleted])
        #expect(first.map(\.before) == [stored["a"]?.position])
        #expect(second.map(\.kind) == [.created])
        #expect(second.map(\.before) == [Position(Revision(5), sequence: 0)])
        #expect(second[0].event.previous == nil)
        #expect(third.map(\.kind) == [.replaced, .created])
        #expect(third.map(\.before) == [second[0].position, stored["b"]?.position])
        #expect(third.map(\.position.revision) == [Revision(7), Revision(7)])
        #expect(plan.transactions.count == 3)
    }

    @Test func `what changes nothing takes the revision of the group so far`() {
        var plan = GroupPlan(after: Revision(4))
        _ = decide(&plan, [], [.put("c", "new")])
        guard case .unchanged(let revision) = decide(&plan, [], [.delete("b")]) else {
            Issue.record("deleting what is not there is a change")
            return
        }
        #expect(revision == Revision(5))
        #expect(plan.transactions.count == 1)
    }
}
