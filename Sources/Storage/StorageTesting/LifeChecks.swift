import Buffers
import Storage

extension StoreContract {
    static let lifeChecks: [StoreCheck] = [
        StoreCheck("two stores have different identities") { makeStore in
            let first = try await makeStore()
            let second = try await makeStore()
            let identities = [try await first.store.identity, try await second.store.identity]
            try expect(identities[0] != identities[1], "both are \(identities[0])")
            try expectEqual(try await first.store.identity, identities[0])
            try await first.close()
            try await second.close()
        },
        StoreCheck("a store that was closed and opened again is the same", reopened),
        StoreCheck("a closed store says so, whatever it is asked", closed),
        StoreCheck("a waiting watcher learns that the store was closed", closedWhileWaiting),
    ]

    private static func reopened(_ makeStore: StoreCheck.MakeStore) async throws {
        let fixture = try await makeStore()
        guard let reopen = fixture.reopen else { return try await fixture.close() }
        let store = fixture.store
        for number in 0..<40 {
            let name = key("k", number % 6)
            if number % 7 == 6 {
                try await store.delete(name)
            } else {
                try await store.put(name, Bytes("\(number)"))
            }
        }
        let last = try await store.delete("k000001")
        try await store.compact(before: Revision(10))
        let identity = try await store.identity
        let items = try await store.all()
        let events = try await store.events(after: Revision(10), through: last)
        try await fixture.close()

        let reopened = try await reopen()
        let again = reopened.store
        try expectEqual(try await again.identity, identity)
        try expectEqual(try await again.currentRevision(), last)
        try expectEqual(try await again.all(), items)
        try expectEqual(try await again.events(after: Revision(10), through: last), events)
        try await expectError(.compacted(requested: Revision(9), oldest: Revision(10))) {
            _ = try await again.watch(after: Revision(9), .all).next()
        }
        try expectEqual(try await again.put("k000001", "new"), last.next)
        try expectEqual(
            try await again.events(after: last, through: last.next).map(\.previous), [nil])
        try await reopened.close()
    }

    private static func closed(_ makeStore: StoreCheck.MakeStore) async throws {
        let fixture = try await makeStore()
        let store = fixture.store
        try await store.put("a", "one")
        try await fixture.close()
        try await expectError(.closed) { _ = try await store.get("a") }
        try await expectError(.closed) { _ = try await store.get("a", at: .zero) }
        try await expectError(.closed) {
            _ = try await store.list(.all, after: nil, limit: 1, at: nil)
        }
        try await expectError(.closed) { _ = try await store.currentRevision() }
        try await expectError(.closed) { try await store.put("a", "two") }
        try await expectError(.closed) { try await store.compact(before: .zero) }
        try await expectError(.closed) { _ = try await store.watch(after: .zero, .all).next() }
    }

    private static func closedWhileWaiting(_ makeStore: StoreCheck.MakeStore) async throws {
        let fixture = try await makeStore()
        let stream = fixture.store.watch(after: .zero, .all)
        let waiting = Task { try await stream.next() }
        try await fixture.close()
        try await expectError(.closed) { _ = try await waiting.value }
    }
}
