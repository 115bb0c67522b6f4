import Buffers
import Storage

extension StoreContract {
    static let compactionChecks: [StoreCheck] = [
        StoreCheck("compaction keeps present items and the state it names", on: keepsPresent),
        StoreCheck(
            "positions before a compaction are refused with the oldest kept", on: refusesOlder),
        StoreCheck("watches from kept positions go on after a compaction", on: keptPositions),
        StoreCheck("a waiting watcher does not notice a compaction", on: waitingThrough),
        StoreCheck("compacting less than before does nothing", on: compactingLess),
        StoreCheck("compacting up to the newest deletion keeps the revision", on: compactDeletion),
        StoreCheck("an event keeps its previous item readable", on: previousReadable),
        StoreCheck("compaction under load loses nothing that is kept", on: compactUnderLoad),
    ]

    private static func fill(_ store: any Store) async throws -> Revision {
        for number in 0..<50 {
            let name = key("k", number % 6)
            if number % 7 == 6 {
                try await store.delete(name)
            } else {
                try await store.put(name, Bytes("\(number)"))
            }
        }
        return try await store.currentRevision()
    }

    private static func keepsPresent(_ store: any Store) async throws {
        let last = try await fill(store)
        let middle = Revision(last.rawValue / 2)
        let before = try await store.all()
        let then = try await store.all(at: middle)
        try await store.compact(before: middle)
        try expectEqual(try await store.all(), before)
        try expectEqual(try await store.all(at: middle), then)
        try await store.compact(before: last)
        try expectEqual(try await store.all(), before)
        try expectEqual(try await store.all(at: last), before)
        for item in before { try expectEqual(try await store.get(item.key), item) }
    }

    private static func refusesOlder(_ store: any Store) async throws {
        let last = try await fill(store)
        let middle = Revision(last.rawValue / 2)
        let stream = store.watch(after: .zero, .all)
        try await store.compact(before: middle)
        let older = middle.previous
        let error = StorageError.compacted(requested: older, oldest: middle)
        try await expectError(error) {
            _ = try await store.list(.all, after: nil, limit: 1, at: older)
        }
        try await expectError(error) { _ = try await store.get("k000001", at: older) }
        try await expectError(error) { _ = try await store.watch(after: older, .all).next() }
        try await expectError(.compacted(requested: .zero, oldest: middle)) {
            _ = try await stream.next()
        }
    }

    private static func keptPositions(_ store: any Store) async throws {
        let last = try await fill(store)
        let middle = Revision(last.rawValue / 2)
        let events = try await store.events(after: middle, through: last)
        try await store.compact(before: middle)
        for start in middle.rawValue..<last.rawValue {
            try expectEqual(
                try await store.events(after: Revision(start), through: last),
                events.filter { $0.revision > Revision(start) })
        }
    }

    private static func waitingThrough(_ store: any Store) async throws {
        let last = try await fill(store)
        let stream = store.watch(after: last, .all)
        async let batch = stream.next()
        try await store.compact(before: last)
        let revision = try await store.put("new", "v")
        try expectEqual(try await batch?.through, revision)
    }

    private static func compactingLess(_ store: any Store) async throws {
        let last = try await fill(store)
        try await store.compact(before: last)
        try await store.compact(before: Revision(5))
        try await store.compact(before: .zero)
        try await expectError(.compacted(requested: Revision(5), oldest: last)) {
            _ = try await store.list(.all, after: nil, limit: 1, at: Revision(5))
        }
    }

    private static func compactDeletion(_ store: any Store) async throws {
        try await store.put("a", "one")
        let last = try await store.delete("a")
        try await store.compact(before: last)
        try expectEqual(try await store.currentRevision(), last)
        try expectEqual(try await store.all(), [])
        try expectEqual(try await store.put("a", "two"), last.next)
        try expectEqual(
            try await store.events(after: last, through: last.next),
            [Event(revision: last.next, key: "a", change: .put("two"), previous: nil)])
    }

    private static func previousReadable(_ store: any Store) async throws {
        let last = try await fill(store)
        let middle = Revision(last.rawValue / 2)
        try await store.compact(before: middle)
        for event in try await store.events(after: middle, through: last) {
            let before = try await store.get(event.key, at: event.revision.previous)
            try expectEqual(before?.revision, event.previous)
        }
    }

    private static func compactUnderLoad(_ store: any Store) async throws {
        let last = Revision(400)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for number in 0..<400 {
                    try await store.put(key("k", number % 20), Bytes("\(number)"))
                }
            }
            group.addTask {
                var position = Revision.zero
                while position < last {
                    guard let batch = try await store.watch(after: position, .all).next() else {
                        return
                    }
                    let expected = (position.rawValue + 1)...batch.through.rawValue
                    try expectEqual(batch.events.map(\.revision.rawValue), Array(expected))
                    position = batch.through
                    try await store.compact(before: position)
                    try expect(try await store.all().count <= 20, "more items than keys")
                }
            }
            try await group.waitForAll()
        }
        try expectEqual(
            try await store.all().map(\.value), (380..<400).map { Bytes("\($0)") })
    }
}
