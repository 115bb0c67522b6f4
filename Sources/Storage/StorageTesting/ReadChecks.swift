import Buffers
import Storage

extension StoreContract {
    static let readChecks: [StoreCheck] = [
        StoreCheck("a listing is in key order and holds its range only", on: listOrder),
        StoreCheck("pages continue after a key, also one that is gone", on: paging),
        StoreCheck("all pages of one revision show one state", on: pagesShowOneState),
        StoreCheck("an item can be read at every kept revision", on: getAtRevision),
        StoreCheck("a listing at an older revision shows the state of then", on: listAtRevision),
        StoreCheck("a revision that has not come is in the future", on: future),
        StoreCheck("a reader sees what was committed before it asked", on: readYourWrites),
        StoreCheck("a listing never shows half of a transaction", on: listIsAtomic),
    ]

    private static func listOrder(_ store: any Store) async throws {
        for name in ["b/2", "a/1", "b/10", "c/1", "b/1", "b", "b0"] as [Key] {
            try await store.put(name, name.bytes)
        }
        try expectEqual(
            try await store.all(.prefix("b/")).map(\.key), ["b/1", "b/10", "b/2"])
        try expectEqual(
            try await store.all().map(\.key), ["a/1", "b", "b/1", "b/10", "b/2", "b0", "c/1"])
        let range = KeyRange(lower: "b/1", upper: "b/2")
        try expectEqual(try await store.all(range).map(\.key), ["b/1", "b/10"])
        try expectEqual(try await store.all(.prefix("d")).count, 0)
    }

    private static func paging(_ store: any Store) async throws {
        for number in 0..<10 { try await store.put(key("a/", number), "v") }
        let first = try await store.list(.prefix("a/"), after: nil, limit: 4, at: nil)
        try expectEqual(first.items.map(\.key), (0..<4).map { key("a/", $0) })
        try expect(first.hasMore, "six items follow")
        try await store.delete(key("a/", 3))
        let second = try await store.list(.prefix("a/"), after: key("a/", 3), limit: 6, at: nil)
        try expectEqual(second.items.map(\.key), (4..<10).map { key("a/", $0) })
        try expect(!second.hasMore, "nothing follows")
        let before = try await store.list(.prefix("a/"), after: "a", limit: 1, at: nil)
        try expectEqual(before.items.map(\.key), [key("a/", 0)])
        let past = try await store.list(.prefix("a/"), after: key("a/", 9), limit: 1, at: nil)
        try expectEqual(past.items, [])
    }

    private static func pagesShowOneState(_ store: any Store) async throws {
        for number in 0..<30 { try await store.put(key("a/", number), "old") }
        let first = try await store.list(.all, after: nil, limit: 10, at: nil)
        for number in stride(from: 0, to: 30, by: 2) {
            try await store.put(key("a/", number), "new")
        }
        try await store.delete(key("a/", 15))
        try await store.put("a/0000155", "new")
        var items = first.items
        while items.count < 30 {
            let page = try await store.list(
                .all, after: items.last?.key, limit: 10, at: first.revision)
            try expectEqual(page.revision, first.revision)
            items += page.items
        }
        try expectEqual(items.map(\.key), (0..<30).map { key("a/", $0) })
        try expect(items.allSatisfy { $0.value == "old" }, "a page shows a later value")
    }

    private static func getAtRevision(_ store: any Store) async throws {
        let first = try await store.put("a", "one")
        let second = try await store.put("a", "two")
        let third = try await store.delete("a")
        let fourth = try await store.put("a", "four")
        func value(at revision: Revision) async throws -> Bytes? {
            try await store.get("a", at: revision)?.value
        }
        try expectEqual(try await value(at: .zero), nil)
        try expectEqual(try await value(at: first), "one")
        try expectEqual(try await value(at: second), "two")
        try expectEqual(try await value(at: third), nil)
        try expectEqual(try await value(at: third.previous), "two")
        try expectEqual(try await value(at: fourth), "four")
        try expectEqual(try await store.get("a", at: second)?.revision, second)
    }

    private static func listAtRevision(_ store: any Store) async throws {
        var states: [[Item]] = [[]]
        for number in 1...40 {
            let name = key("k", number % 7)
            if number % 5 == 0 {
                try await store.delete(name)
            } else {
                try await store.put(name, Bytes("\(number)"))
            }
            let revision = try await store.currentRevision()
            if revision.rawValue == UInt64(states.count) { states.append(try await store.all()) }
        }
        for (number, state) in states.enumerated() {
            let revision = Revision(UInt64(number))
            try expectEqual(try await store.all(at: revision), state)
            try expectEqual(try await store.all(limit: 2, at: revision), state)
        }
    }

    private static func future(_ store: any Store) async throws {
        let current = try await store.put("a", "one")
        let error = StorageError.future(requested: current.next, current: current)
        try await expectError(error) {
            _ = try await store.list(.all, after: nil, limit: 1, at: current.next)
        }
        try await expectError(error) { _ = try await store.get("a", at: current.next) }
        try await expectError(error) { try await store.compact(before: current.next) }
        try await expectError(error) { _ = try await store.watch(after: current.next, .all).next() }
    }

    private static func readYourWrites(_ store: any Store) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for number in 0..<20 {
                        let name = key("t", task)
                        let revision = try await store.put(name, Bytes("\(number)"))
                        let item = Item(key: name, value: Bytes("\(number)"), revision: revision)
                        try expectEqual(try await store.get(name), item)
                        let page = try await store.list(
                            KeyRange(lower: name, upper: name.successor), after: nil, limit: 2,
                            at: nil)
                        try expectEqual(page.items, [item])
                        try expect(
                            page.revision >= revision, "\(page.revision) is before \(revision)")
                        let current = try await store.currentRevision()
                        try expect(current >= revision, "\(current) is before \(revision)")
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private static func listIsAtomic(_ store: any Store) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for number in 0..<150 {
                    let value = Bytes("\(number)")
                    try await store.must(
                        Transaction(operations: [.put("left", value), .put("right", value)]))
                }
            }
            group.addTask {
                for _ in 0..<150 {
                    let items = try await store.all()
                    try expectEqual(Set(items.map(\.revision)).count, items.isEmpty ? 0 : 1)
                    try expect(items.isEmpty || items.count == 2, "half of a transaction")
                }
            }
            try await group.waitForAll()
        }
    }
}
