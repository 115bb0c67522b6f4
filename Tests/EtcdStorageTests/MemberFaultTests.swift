// Writers that go on while members of three are killed and paused.

import Buffers
import EtcdTesting
import Storage
import Synchronization
import Testing

@testable import EtcdStorage

@Suite(.timeLimit(.minutes(5))) struct MemberFaultTests {
    /// What writers have been told.
    private final class Tally: Sendable {
        let acknowledged = Atomic(0)
        let uncertain = Atomic(0)
        let isEnding = Atomic(false)

        /// Waits until so many more writes have been acknowledged.
        func wait(forMore count: Int) async throws {
            let wanted = acknowledged.load(ordering: .relaxed) + count
            while acknowledged.load(ordering: .relaxed) < wanted {
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    /// Raises the number under a key by one, again and again, and compares what it raises.
    private func write(_ key: Key, to store: EtcdStore, _ tally: Tally) async throws {
        while !tally.isEnding.load(ordering: .relaxed) {
            do throws(StorageError) {
                let item = try await store.get(key)
                let number = item.flatMap { Int($0.value.description) } ?? 0
                let comparison =
                    item.map { Comparison.unchanged(key, since: $0.revision) } ?? .absent(key)
                let result = try await store.commit(
                    Transaction(
                        comparisons: [comparison], operations: [.put(key, Bytes("\(number + 1)"))]))
                if case .committed = result { tally.acknowledged.add(1, ordering: .relaxed) }
            } catch {
                switch error {
                case .uncertain: tally.uncertain.add(1, ordering: .relaxed)
                case .unavailable, .notWritable: break
                default: throw error
                }
            }
        }
    }

    @Test func `writes go on while one member of three is killed or paused`() async throws {
        let bench = try await EtcdBench(memberCount: 3)
        let store = try bench.store(prefix: "/faults")
        let tally = Tally()
        let keys = (0..<6).map { Key("counter\($0)") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for key in keys { group.addTask { try await write(key, to: store, tally) } }
            try await tally.wait(forMore: 20)
            for member in 0..<3 {
                bench.cluster.pause(member)
                try await tally.wait(forMore: 60)
                bench.cluster.resume(member)
                try await tally.wait(forMore: 20)
                bench.cluster.crash(member)
                try await tally.wait(forMore: 60)
                try bench.cluster.start(member)
                try await tally.wait(forMore: 20)
            }
            tally.isEnding.store(true, ordering: .relaxed)
            try await group.waitForAll()
        }
        var sum = 0
        for key in keys {
            let item = try await store.get(key)
            sum += item.flatMap { Int($0.value.description) } ?? 0
        }
        let acknowledged = tally.acknowledged.load(ordering: .relaxed)
        #expect(sum >= acknowledged)
        #expect(sum <= acknowledged + tally.uncertain.load(ordering: .relaxed))
        await store.close()
    }
}
