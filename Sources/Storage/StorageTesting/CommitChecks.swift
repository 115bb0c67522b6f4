import Buffers
import Storage

extension StoreContract {
    static let commitChecks: [StoreCheck] = [
        StoreCheck("revisions begin at one and have no gaps", on: revisionsHaveNoGaps),
        StoreCheck("a put can be read back, byte for byte", on: putIsReadBack),
        StoreCheck(
            "a comparison that fails changes nothing and shows the item", on: conflictShowsItem),
        StoreCheck("absent, present and unchanged compare as they say", on: comparisons),
        StoreCheck("of many who change one revision exactly one wins", on: oneWins),
        StoreCheck("of many who create one key exactly one wins", on: oneCreates),
        StoreCheck("a transaction is carried out as a whole or not at all", on: allOrNothing),
        StoreCheck("deleting an absent key makes no event and no revision", on: absentDelete),
        StoreCheck("a transaction without effect gets the present revision", on: withoutEffect),
        StoreCheck("putting the same value again is a change", on: samePut),
        StoreCheck("commits of many tasks get consecutive revisions", on: concurrentRevisions),
        StoreCheck("a value or key that is too large is refused and changes nothing", on: tooLarge),
        StoreCheck("the largest value and an empty one are kept", on: extremeValues),
        StoreCheck("a cancelled task's commit is carried out and answered", on: cancelledCommit),
        StoreCheck("the same key may be put, deleted and put again", on: recreate),
    ]

    private static func revisionsHaveNoGaps(_ store: any Store) async throws {
        try expectEqual(try await store.currentRevision(), .zero)
        for number in 1...20 {
            try expectEqual(
                try await store.put(key("a/", number % 3), "v"), Revision(UInt64(number)))
        }
        try expectEqual(try await store.currentRevision(), Revision(20))
    }

    private static func putIsReadBack(_ store: any Store) async throws {
        let bytes = Bytes((0...255).map { UInt8($0) })
        let odd = Key(Bytes([0xff, 0x00, 0x27, 0x22, 0x80]))
        let revision = try await store.put(odd, bytes)
        try expectEqual(
            try await store.get(odd), Item(key: odd, value: bytes, revision: revision))
        try expectEqual(try await store.get(odd.successor), nil)
    }

    private static func conflictShowsItem(_ store: any Store) async throws {
        let first = try await store.put("a", "one")
        let item = Item(key: "a", value: "one", revision: first)
        let create = Transaction(
            comparisons: [.absent("a")], operations: [.put("a", "two"), .put("b", "two")])
        try expectEqual(
            try await store.commit(create), .conflict(.absent("a"), current: item))
        let change = Transaction(
            comparisons: [.present("a"), .unchanged("b", since: first)],
            operations: [.delete("a")])
        try expectEqual(
            try await store.commit(change), .conflict(.unchanged("b", since: first), current: nil))
        try expectEqual(try await store.all(), [item])
        try expectEqual(try await store.currentRevision(), first)
    }

    private static func comparisons(_ store: any Store) async throws {
        func holds(_ comparison: Comparison) async throws -> Bool {
            let transaction = Transaction(comparisons: [comparison], operations: [.delete("none")])
            if case .committed = try await store.commit(transaction) { return true }
            return false
        }
        try expect(try await holds(.absent("a")), "absent of an absent key")
        try expect(try await !holds(.present("a")), "present of an absent key")
        try expect(try await !holds(.unchanged("a", since: .zero)), "unchanged of an absent key")
        let revision = try await store.put("a", "one")
        try await store.put("b", "one")
        try expect(try await !holds(.absent("a")), "absent of a present key")
        try expect(try await holds(.present("a")), "present of a present key")
        try expect(
            try await holds(.unchanged("a", since: revision)), "unchanged since its revision")
        try expect(
            try await !holds(.unchanged("a", since: revision.next)), "unchanged since a later one")
        try await store.delete("a")
        try expect(try await holds(.absent("a")), "absent of a deleted key")
        try expect(try await !holds(.unchanged("a", since: revision)), "unchanged of a deleted key")
    }

    private static func oneWins(_ store: any Store) async throws {
        let taskCount = 16
        let roundCount = 10
        var revision = try await store.put("counter", "start")
        for round in 0..<roundCount {
            let seen = revision
            let winners = try await withThrowingTaskGroup(of: Revision?.self) { group in
                for number in 0..<taskCount {
                    group.addTask {
                        let result = try await store.commit(
                            Transaction(
                                comparisons: [.unchanged("counter", since: seen)],
                                operations: [.put("counter", Bytes("\(round)/\(number)"))]))
                        if case .committed(let revision) = result { return revision }
                        return nil
                    }
                }
                return try await group.reduce(into: [Revision]()) {
                    if let won = $1 { $0.append(won) }
                }
            }
            try expectEqual(winners, [seen.next])
            revision = seen.next
        }
        try expectEqual(try await store.get("counter")?.revision, revision)
    }

    private static func oneCreates(_ store: any Store) async throws {
        let wins = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<32 {
                group.addTask {
                    let result = try await store.commit(
                        Transaction(
                            comparisons: [.absent("leader")],
                            operations: [.put("leader", Bytes("\(number)"))]))
                    switch result {
                    case .committed: return true
                    case .conflict(_, let current):
                        try expect(current != nil, "a conflict with nothing")
                        return false
                    }
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        try expectEqual(wins, 1)
        try expectEqual(try await store.currentRevision(), Revision(1))
    }

    private static func allOrNothing(_ store: any Store) async throws {
        try await store.put("a", "one")
        let revision = try await store.must(
            Transaction(
                comparisons: [.present("a"), .absent("b")],
                operations: [.delete("a"), .put("b", "two"), .put("c", "three")]))
        try expectEqual(
            try await store.all(),
            [
                Item(key: "b", value: "two", revision: revision),
                Item(key: "c", value: "three", revision: revision),
            ])
    }

    private static func absentDelete(_ store: any Store) async throws {
        let first = try await store.put("a", "one")
        try expectEqual(try await store.delete("b"), first)
        try expectEqual(try await store.currentRevision(), first)
        let second = try await store.must(
            Transaction(operations: [.delete("b"), .put("c", "two"), .delete("d")]))
        try expectEqual(second, first.next)
        let events = try await store.events(after: first, through: second)
        try expectEqual(
            events, [Event(revision: second, key: "c", change: .put("two"), previous: nil)])
    }

    private static func withoutEffect(_ store: any Store) async throws {
        try expectEqual(try await store.must(Transaction(operations: [])), .zero)
        let revision = try await store.put("a", "one")
        let probe = Transaction(comparisons: [.unchanged("a", since: revision)], operations: [])
        try expectEqual(try await store.must(probe), revision)
        try expectEqual(try await store.currentRevision(), revision)
    }

    private static func samePut(_ store: any Store) async throws {
        let first = try await store.put("a", "one")
        let second = try await store.put("a", "one")
        try expectEqual(second, first.next)
        try expectEqual(
            try await store.events(after: first, through: second),
            [Event(revision: second, key: "a", change: .put("one"), previous: first)])
    }

    private static func concurrentRevisions(_ store: any Store) async throws {
        let revisions = try await withThrowingTaskGroup(of: [Revision].self) { group in
            for task in 0..<16 {
                group.addTask {
                    var revisions: [Revision] = []
                    for number in 0..<20 {
                        let name = key("task\(task)/", number)
                        revisions.append(try await store.put(name, Bytes(name.description)))
                    }
                    try expectEqual(revisions, revisions.sorted())
                    return revisions
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        try expectEqual(revisions.sorted(), (1...320).map { Revision($0) })
        let items = try await store.all()
        try expectEqual(Set(items.map(\.revision)), Set(revisions))
        try expect(items.allSatisfy { $0.value == $0.key.bytes }, "a value is under a foreign key")
    }

    private static func tooLarge(_ store: any Store) async throws {
        let large = Bytes([UInt8](repeating: 120, count: store.valueByteCountMax + 1))
        try await expectError(
            .tooLarge("b", byteCount: large.count, byteCountMax: store.valueByteCountMax)
        ) {
            _ = try await store.commit(
                Transaction(operations: [.put("a", "small"), .put("b", large)]))
        }
        let long = Key(Bytes([UInt8](repeating: 120, count: Limits.keyByteCountMax + 1)))
        try await expectError(
            .tooLarge(long, byteCount: long.bytes.count, byteCountMax: Limits.keyByteCountMax)
        ) { _ = try await store.commit(Transaction(operations: [.put(long, "small")])) }
        try expectEqual(try await store.currentRevision(), .zero)
        try expectEqual(try await store.get("a"), nil)
    }

    private static func extremeValues(_ store: any Store) async throws {
        let large = Bytes([UInt8](repeating: 120, count: store.valueByteCountMax))
        try await store.put("large", large)
        try await store.put("empty", Bytes.empty)
        try expectEqual(try await store.get("large")?.value == large, true)
        try expectEqual(try await store.get("empty")?.value.count, 0)
        let events = try await store.events(after: .zero, through: Revision(2))
        try expectEqual(events.map { $0.change == .put(large) }, [true, false])
    }

    private static func cancelledCommit(_ store: any Store) async throws {
        let cancelled = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await store.put("a", "one")
        }
        let revision = try await cancelled.value
        try expectEqual(try await store.get("a")?.revision, revision)
    }

    private static func recreate(_ store: any Store) async throws {
        let first = try await store.put("a", "one")
        let second = try await store.delete("a")
        try expectEqual(try await store.get("a"), nil)
        let third = try await store.put("a", "two")
        try expectEqual(
            try await store.events(after: .zero, through: third),
            [
                Event(revision: first, key: "a", change: .put("one"), previous: nil),
                Event(revision: second, key: "a", change: .delete, previous: first),
                Event(revision: third, key: "a", change: .put("two"), previous: nil),
            ])
    }
}
