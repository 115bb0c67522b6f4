// What a store that is also a history promises: the same events that a watch shows, with the items
// that they replaced.

import Buffers
import SeedTesting
import Storage

extension StoreContract {
    static let historyChecks: [StoreCheck] = [
        StoreCheck("a history shows what a watch shows, and what it replaced", on: sameAsWatch),
        StoreCheck("a page of a history ends at its size and at a transaction", on: pages),
        StoreCheck("a history before a compaction is refused with the oldest kept", on: refused),
    ]

    /// Stores that keep no history of their own have nothing to promise.
    private static func history(_ store: any Store) -> (any EventHistory)? {
        store as? any EventHistory
    }

    private static func sameAsWatch(_ store: any Store) async throws {
        guard let history = history(store) else { return }
        try await withSeed { random in
            try await writeAtRandom(store, count: 120, &random)
            let last = try await store.currentRevision()
            let middle = Revision(.random(in: 1...last.rawValue / 2, using: &random))
            try await store.compact(before: middle)
            try expectEqual(history.oldestPosition, middle)
            for _ in 0..<80 {
                let ranges = [KeyRange.all, .prefix("a/"), .prefix("b/"), .prefix("c/")]
                let only = (0..<10).map { KeyRange.only(key($0 % 2 == 0 ? "a/" : "b/", $0)) }
                let range = (ranges + only).randomElement(using: &random)!
                let start = Revision(.random(in: middle.rawValue...last.rawValue, using: &random))
                let end = Revision(.random(in: start.rawValue...last.rawValue, using: &random))
                var request = HistoryRequest(range, after: start, through: end)
                request.eventCountMax = .random(in: 1...9, using: &random)
                request.previous = Bool.random(using: &random) ? .ofAll : .ofDeletions
                try expectEqual(
                    try await events(request, of: history), try await expected(request, store))
            }
        }
    }

    private static func writeAtRandom(
        _ store: any Store, count: Int, _ random: inout SeededGenerator
    ) async throws {
        let names = (0..<9).map { key($0 % 2 == 0 ? "a/" : "b/", $0) }
        for number in 0..<count {
            let keys = names.shuffled(using: &random).prefix(.random(in: 1...3, using: &random))
            let operations = keys.map { key -> Operation in
                Int.random(in: 0..<3, using: &random) == 0
                    ? .delete(key) : .put(key, Bytes("\(number)"))
            }
            _ = try await store.commit(Transaction(operations: operations))
        }
    }

    /// All pages of `request` in one.
    private static func events(
        _ request: HistoryRequest, of history: any EventHistory
    ) async throws -> [PastEvent] {
        var request = request
        var events: [PastEvent] = []
        while request.position < request.end {
            let page = try await history.events(request)
            try expect(page.through > request.position && page.through <= request.end, "goes on")
            try expect(page.events.allSatisfy { $0.event.revision <= page.through }, "in order")
            events += page.events
            request.position = page.through
        }
        return events
    }

    /// The long way: a watch, and a read for each replaced item.
    private static func expected(
        _ request: HistoryRequest, _ store: any Store
    ) async throws -> [PastEvent] {
        let stream = store.watch(after: request.position, request.range)
        var events: [PastEvent] = []
        var through = request.position
        while through < request.end, let batch = try await stream.next() {
            through = batch.through
            for event in batch.events where event.revision <= request.end {
                let isWanted = request.previous == .ofAll || event.change == .delete
                let before = event.revision.previous
                let previous =
                    isWanted && event.previous != nil
                    ? try await store.get(event.key, at: before) : nil
                events.append(PastEvent(event, previous: previous))
            }
        }
        return events
    }

    private static func pages(_ store: any Store) async throws {
        guard let history = history(store) else { return }
        let keys = (0..<10).map { key("k", $0) }
        for _ in 0..<3 {
            _ = try await store.commit(Transaction(operations: keys.map { .put($0, "value") }))
        }
        var request = HistoryRequest(.all, after: .zero, through: Revision(3))
        request.eventCountMax = 15
        let first = try await history.events(request)
        try expectEqual(first.events.count, 20)
        try expectEqual(first.through, Revision(2))
        request.eventCountMax = 100
        request.byteCountMax = 50
        try expectEqual(try await history.events(request).through, Revision(1))
        let none = HistoryRequest(.prefix("none"), after: .zero, through: Revision(3))
        try expectEqual(
            try await history.events(none), HistoryPage(events: [], through: Revision(3)))
    }

    private static func refused(_ store: any Store) async throws {
        guard let history = history(store) else { return }
        for number in 0..<9 { try await store.put(key("k", number % 2), Bytes("\(number)")) }
        try await store.compact(before: Revision(6))
        let error = StorageError.compacted(requested: Revision(5), oldest: Revision(6))
        try await expectError(error) {
            _ = try await history.events(
                HistoryRequest(.all, after: Revision(5), through: Revision(9)))
        }
    }
}
