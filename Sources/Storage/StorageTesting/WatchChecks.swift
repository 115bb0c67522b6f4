import Buffers
import Storage

extension StoreContract {
    static let watchChecks: [StoreCheck] = [
        StoreCheck("a watch from any revision yields exactly what follows", on: exactSuffix),
        StoreCheck(
            "a watch sees only its range but moves on with every commit", on: rangeAndProgress),
        StoreCheck("a watcher never sees half of a transaction", on: watchIsAtomic),
        StoreCheck(
            "events of one transaction keep the order of its operations", on: orderInTransaction),
        StoreCheck("a waiting watcher is woken by a commit", on: waitingIsWoken),
        StoreCheck("a commit that answered is seen by a watch begun afterwards", on: seesAnswered),
        StoreCheck(
            "watchers at different places do not disturb each other", on: independentWatchers),
        StoreCheck("a waiting watcher ends when its task is cancelled", on: cancellation),
        StoreCheck(
            "a cancelled task gets no batch; another reads on", on: cancelledFirst),
        StoreCheck("a long history comes in bounded batches", on: boundedBatches),
        StoreCheck("a watcher under load misses and repeats nothing", on: underLoad),
    ]

    /// 60 revisions: puts, deletions and pairs, spread over two prefixes.
    private static func fill(_ store: any Store) async throws -> Revision {
        var last = Revision.zero
        for number in 0..<60 {
            let first = key(number % 3 == 0 ? "a/" : "b/", number % 8)
            switch number % 5 {
            case 3: last = try await store.delete(first)
            case 4:
                last = try await store.must(
                    Transaction(operations: [
                        .put(first, Bytes("\(number)")), .put(key("c/", number), "pair"),
                    ]))
            default: last = try await store.put(first, Bytes("\(number)"))
            }
        }
        return last
    }

    private static func exactSuffix(_ store: any Store) async throws {
        let last = try await fill(store)
        let events = try await store.events(after: .zero, through: last)
        try expectEqual(Set(events.map(\.revision)), Set((1...last.rawValue).map { Revision($0) }))
        for start in 0..<last.rawValue {
            let suffix = try await store.events(after: Revision(start), through: last)
            try expectEqual(suffix, events.filter { $0.revision > Revision(start) })
        }
    }

    private static func rangeAndProgress(_ store: any Store) async throws {
        let last = try await fill(store)
        let events = try await store.events(after: .zero, through: last)
        for prefix in ["a/", "b/", "c/", "none/"] as [Key] {
            let range = KeyRange.prefix(prefix)
            let found = try await store.events(after: .zero, range, through: last)
            try expectEqual(found, events.filter { range.contains($0.key) })
        }
        let stream = store.watch(after: last, .prefix("none/"))
        let next = try await store.put("some", "v")
        try expectEqual(try await stream.next(), EventBatch(events: [], through: next))
    }

    private static func watchIsAtomic(_ store: any Store) async throws {
        let roundCount = 100
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for number in 0..<roundCount {
                    let value = Bytes("\(number)")
                    try await store.must(
                        Transaction(operations: (0..<5).map { .put(key("k", $0), value) }))
                }
            }
            group.addTask {
                for batch in try await store.batches(
                    after: .zero, through: Revision(UInt64(roundCount)))
                {
                    let counts = Dictionary(grouping: batch.events, by: \.revision).values.map(
                        \.count)
                    try expect(counts.allSatisfy { $0 == 5 }, "half of a transaction: \(counts)")
                }
            }
            try await group.waitForAll()
        }
    }

    private static func orderInTransaction(_ store: any Store) async throws {
        try await store.put("d", "old")
        let names: [Key] = ["c", "a", "d", "b"]
        let last = try await store.must(
            Transaction(operations: [
                .put("c", "1"), .put("a", "2"), .delete("d"), .put("b", "3"),
            ]))
        let events = try await store.events(after: last.previous, through: last)
        try expectEqual(events.map(\.key), names)
    }

    private static func waitingIsWoken(_ store: any Store) async throws {
        let stream = store.watch(after: .zero, .all)
        async let batch = stream.next()
        let revision = try await store.put("a", "one")
        try expectEqual(
            try await batch?.events,
            [Event(revision: revision, key: "a", change: .put("one"), previous: nil)])
    }

    private static func seesAnswered(_ store: any Store) async throws {
        for number in 0..<50 {
            let revision = try await store.put("a", Bytes("\(number)"))
            let batch = try await store.watch(after: revision.previous, .all).next()
            try expectEqual(batch?.through, revision)
            try expectEqual(batch?.events.first?.change, .put(Bytes("\(number)")))
        }
    }

    private static func independentWatchers(_ store: any Store) async throws {
        let last = try await fill(store)
        let events = try await store.events(after: .zero, through: last)
        let idle = store.watch(after: .zero, .all)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for start in stride(from: 0, to: last.rawValue, by: 6) {
                group.addTask {
                    let suffix = try await store.events(after: Revision(start), through: last)
                    try expectEqual(suffix, events.filter { $0.revision > Revision(start) })
                }
            }
            try await group.waitForAll()
        }
        let first = try await idle.next()
        try expectEqual(first?.events.first?.revision, Revision(1))
    }

    private static func cancellation(_ store: any Store) async throws {
        let last = try await fill(store)
        let waiting = (0..<5).map { _ in
            Task { try await store.watch(after: last, .all).next() }
        }
        for task in waiting { task.cancel() }
        for task in waiting { try expectEqual(try await task.value, nil) }
    }

    private static func cancelledFirst(_ store: any Store) async throws {
        let stream = store.watch(after: .zero, .all)
        let cancelled = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await stream.next()
        }
        try expectEqual(try await cancelled.value, nil)
        let revision = try await store.put("a", "one")
        try expectEqual(try await stream.next()?.through, revision)
    }

    private static func boundedBatches(_ store: any Store) async throws {
        let size = 400
        let value = Bytes([UInt8](repeating: 120, count: 2_000))
        for round in 0..<8 {
            try await store.must(
                Transaction(operations: (0..<size).map { .put(key("\(round)/", $0), value) }))
        }
        let batches = try await store.batches(after: .zero, through: Revision(8))
        try expectEqual(batches.map(\.events.count).reduce(0, +), 8 * size)
        for batch in batches {
            try expect(
                batch.events.count < Limits.batchEventCountMax + size,
                "a batch of \(batch.events.count) events")
        }
    }

    private static func underLoad(_ store: any Store) async throws {
        let taskCount = 8
        let eachCount = 60
        let last = Revision(UInt64(taskCount * eachCount))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<taskCount {
                group.addTask {
                    for number in 0..<eachCount {
                        try await store.put(key("t\(task)/", number), Bytes("\(number)"))
                    }
                }
            }
            for task in 0..<taskCount {
                group.addTask {
                    let range = KeyRange.prefix(Key("t\(task)/"))
                    let events = try await store.events(after: .zero, range, through: last)
                    try expectEqual(events.map(\.key), (0..<eachCount).map { key("t\(task)/", $0) })
                }
            }
            group.addTask {
                let events = try await store.events(after: .zero, through: last)
                try expectEqual(events.map(\.revision), (1...last.rawValue).map { Revision($0) })
            }
            try await group.waitForAll()
        }
    }
}
