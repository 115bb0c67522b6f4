import Buffers
import SeedTesting
import Storage
import StorageTesting
import Testing

@testable import WatchCache

extension SeededGenerator {
    /// A put of one of 3,000 pods on one of 100 nodes, or now and then a deletion.
    fileprivate mutating func change(_ revision: UInt64) -> Event {
        let number = Int.random(in: 0..<3_000, using: &self)
        let namespace = number.isMultiple(of: 3) ? "a" : "b"
        if chance(10) { return Samples.delete("core/pods/\(namespace)/p\(number)", revision) }
        let labels = chance(5) ? ["app": pick(["web", "db"])] : [:]
        let node = "n\(Int.random(in: 0..<100, using: &self))"
        return Samples.put(
            Samples.pod("p\(number)", namespace: namespace, labels: labels, node: node), revision)
    }
}

@Suite struct SearchTests {
    private static let selections: [Selection] = [
        Selection(fields: [FieldRequirement(.field(0), "n7")]),
        Selection(namespace: "a", fields: [FieldRequirement(.field(0), "n7")]),
        Selection(namespace: "b", labels: [.isIn("app", ["web"])]),
        Selection(fields: [FieldRequirement(.field(0), "none")]),
        Selection(labels: [.isIn("app", ["db"]), .absent("tier")]),
        Selection(fields: [FieldRequirement(.field(1), "Running")]),
    ]

    private static func keys(_ snapshot: Snapshot, _ filter: Filter, after: Key?) -> [Key] {
        var keys: [Key] = []
        snapshot.forEach(matching: filter, after: after) { object in
            keys.append(object.key)
            return true
        }
        return keys
    }

    @Test func `a list by a value shows what a search through all objects finds`() async throws {
        var random = SeededGenerator()
        let cache = try await Samples.emptyCache()
        var revision: UInt64 = 0
        var earlier: (snapshot: Snapshot, keys: [[Key]])?
        for size in [4_000, 1, 1, 3, 40, 1, 400, 2_000, 1] {
            let events = (0..<size).map { _ in
                revision += 1
                return random.change(revision)
            }
            cache.apply(EventBatch(events: events, through: Revision(revision)))
            let snapshot = cache.pods.snapshot()
            var all: [[Key]] = []
            for filter in Self.selections.map(cache.pods.filter) {
                var expected: [Key] = []
                snapshot.forEachObject { if filter.matches($0) { expected.append($0.key) } }
                // Twice: made first, and then found.
                for _ in 0..<2 {
                    let found = Self.keys(snapshot, filter, after: nil)
                    #expect(found == expected, "BINNACLE_TEST_SEED=\(random.seed)")
                }
                if let middle = expected.randomElement(using: &random) {
                    let rest = expected.filter { $0 > middle }
                    #expect(Self.keys(snapshot, filter, after: middle) == rest)
                }
                all.append(expected)
            }
            if let earlier {
                for (filter, keys) in zip(Self.selections.map(cache.pods.filter), earlier.keys) {
                    #expect(Self.keys(earlier.snapshot, filter, after: nil) == keys)
                }
            }
            earlier = (snapshot, all)
        }
    }

    @Test func `a list ends where its reader has enough`() async throws {
        let cache = try await Samples.emptyCache()
        let events = (1...2_000).map { number in
            Samples.put(Samples.pod("p\(number)", node: "n\(number % 2)"), UInt64(number))
        }
        cache.apply(EventBatch(events: events, through: Revision(2_000)))
        let filter = cache.pods.filter(Selection(fields: [FieldRequirement(.field(0), "n1")]))
        for limit in [1, 2, 400, 999] {
            var seen = 0
            cache.pods.snapshot().forEach(matching: filter) { _ in
                seen += 1
                return seen < limit
            }
            #expect(seen == limit)
        }
    }
}
