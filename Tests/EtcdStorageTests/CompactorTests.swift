// Several gateways that compact one cluster.

import Buffers
import EtcdTesting
import Storage
import Synchronization
import Testing

@testable import EtcdStorage

@Suite(.timeLimit(.minutes(5))) struct CompactorTests {
    /// A gateway with a journal whose position the test decides.
    private final class Gateway: Sendable {
        let store: EtcdStore
        let journal = Mutex(Revision.zero)
        private let rounds: Mutex<CompactionRounds>
        private let options: CompactionOptions

        init(_ store: EtcdStore, sparesJournals: Bool) {
            self.store = store
            options = CompactionOptions(
                interval: .seconds(1), journalPatience: sparesJournals ? .seconds(3_600) : nil)
            rounds = Mutex(CompactionRounds(journals: JournalMarks(patience: .seconds(3_600))))
        }

        /// - Returns: what it has compacted to.
        func round() async throws -> Revision? {
            let compactor = Compactor(
                store, options, journal: { self.journal.withLock { $0 } }, report: { _ in })
            var known = rounds.withLock { $0 }
            defer { rounds.withLock { $0 = known } }
            return try await compactor.round(&known)
        }
    }

    private func run(
        sparesJournals: Bool, _ body: ([Gateway]) async throws -> Void
    ) async throws {
        let bench = try await EtcdBench(memberCount: 1)
        let gateways = try (0..<3).map {
            Gateway(
                try bench.store(prefix: "/compacted", gateway: "g\($0)"),
                sparesJournals: sparesJournals)
        }
        try await body(gateways)
        for gateway in gateways { await gateway.store.close() }
    }

    /// All gateways at once.
    private func round(_ gateways: [Gateway]) async throws -> [Revision] {
        try await withThrowingTaskGroup(of: Revision?.self) { group in
            for gateway in gateways { group.addTask { try await gateway.round() } }
            return try await group.reduce(into: []) { all, one in one.map { all.append($0) } }
        }
    }

    private func write(_ count: Int, to store: EtcdStore) async throws {
        for number in 0..<count {
            _ = try await store.commit(Transaction(operations: [.put(Key("k\(number % 3)"), "x")]))
        }
    }

    private func isKept(_ position: Revision, in store: EtcdStore) async throws -> Bool {
        do throws(StorageError) {
            _ = try await store.watch(after: position, .all).next()
            return true
        } catch {
            guard case .compacted = error else { throw error }
            return false
        }
    }

    @Test func `one gateway at a time compacts, and keeps what was written since the last time`()
        async throws
    {
        try await run(sparesJournals: false) { gateways in
            var compactionCount = 0
            for turn in 0..<12 {
                let before = try await gateways[0].store.currentRevision()
                try await write(5, to: gateways[0].store)
                let made = try await round(gateways)
                #expect(made.count <= 1, "in turn \(turn): \(made)")
                compactionCount += made.count
                for revision in made { #expect(revision <= before) }
                #expect(try await isKept(before, in: gateways[0].store))
            }
            #expect(compactionCount >= 2)
            #expect(try await !isKept(Revision(2), in: gateways[0].store))
        }
    }

    @Test func `what the slowest journal lacks is kept`() async throws {
        try await run(sparesJournals: true) { gateways in
            try await write(10, to: gateways[0].store)
            let slow = try await gateways[0].store.currentRevision()
            gateways[2].journal.withLock { $0 = slow }
            var last = Revision.zero
            for _ in 0..<12 {
                try await write(5, to: gateways[0].store)
                let now = try await gateways[0].store.currentRevision()
                for gateway in gateways[..<2] { gateway.journal.withLock { $0 = now } }
                for revision in try await round(gateways) { last = max(last, revision) }
            }
            #expect(last == slow)
            #expect(try await isKept(slow, in: gateways[0].store))
            // It catches up, and nothing is kept for it any more.
            let caughtUp = try await gateways[0].store.currentRevision()
            gateways[2].journal.withLock { $0 = caughtUp }
            for _ in 0..<8 where last == slow {
                try await write(5, to: gateways[0].store)
                for revision in try await round(gateways) { last = max(last, revision) }
            }
            #expect(last > slow)
            #expect(try await !isKept(slow, in: gateways[0].store))
        }
    }
}
