import Buffers
import SeedTesting
import Storage
import Synchronization

extension StoreContract {
    static let propertyChecks: [StoreCheck] = [
        StoreCheck("whatever is done, the store agrees with a simple model", agreesWithModel),
        StoreCheck(
            "a caller that reads back can tell how an uncertain commit ended", on: readsBack),
    ]

    private static func agreesWithModel(_ makeStore: StoreCheck.MakeStore) async throws {
        try await withSeed { random in
            for _ in 0..<4 {
                let fixture = try await makeStore()
                var walk = ModelWalk(fixture: fixture)
                for _ in 0..<250 { try await walk.step(&random) }
                try await walk.fixture.close()
            }
        }
    }

    private static func readsBack(_ store: any Store) async throws {
        try await withSeed { random in
            let generator = Mutex(random)
            let faulty = FaultyStore(store) {
                [nil, nil, .answerLost, .requestLost][
                    generator.withLock { Int.random(in: 0..<4, using: &$0) }]
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<6 {
                    group.addTask {
                        try await count(to: 30, under: key("counter", task), in: faulty)
                    }
                }
                try await group.waitForAll()
            }
            let last = try await store.currentRevision()
            try expectEqual(last, Revision(6 * 30))
            for task in 0..<6 {
                let name = key("counter", task)
                let range = KeyRange(lower: name, upper: name.successor)
                let events = try await store.events(after: .zero, range, through: last)
                try expectEqual(events.map(\.change), (1...30).map { .put(Bytes("\($0)")) })
            }
        }
    }

    /// Puts 1, 2, 3, … under `key`, each exactly once, whatever answers are lost.
    private static func count(
        to limit: Int, under key: Key, in store: some Store
    ) async throws {
        var seen: Revision?
        var number = 1
        while number <= limit {
            let comparison = seen.map { Comparison.unchanged(key, since: $0) } ?? .absent(key)
            let value = Bytes("\(number)")
            do {
                seen = try await store.must(
                    Transaction(comparisons: [comparison], operations: [.put(key, value)]))
                number += 1
            } catch StorageError.uncertain {
                guard let item = try await store.get(key), item.value == value else { continue }
                seen = item.revision
                number += 1
            }
        }
    }
}

/// Takes random steps in a store and in a model of it.
private struct ModelWalk {
    private(set) var fixture: StoreFixture
    private var model = StoreModel()
    private let names = (0..<12).map { key($0 % 3 == 0 ? "a/" : "b/", $0) }

    init(fixture: StoreFixture) {
        self.fixture = fixture
    }

    private var store: any Store { fixture.store }

    mutating func step(_ random: inout SeededGenerator) async throws {
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<12: try await commit(&random)
        case 12..<14: try await list(&random)
        case 14..<16: try await get(&random)
        case 16..<18: try await watch(&random)
        case 18: try await Bool.random(using: &random) ? compact(&random) : reopen()
        default: try expectEqual(try await store.currentRevision(), model.current)
        }
    }

    private mutating func commit(_ random: inout SeededGenerator) async throws {
        let shuffled = names.shuffled(using: &random)
        let operations = shuffled.prefix(.random(in: 1...3, using: &random)).map {
            name -> Operation in
            if Int.random(in: 0..<4, using: &random) == 0 { return .delete(name) }
            return .put(name, Bytes("\(UInt16.random(in: 0...99, using: &random))"))
        }
        let comparisons = shuffled.suffix(.random(in: 0...2, using: &random)).map {
            comparison(of: $0, &random)
        }
        let transaction = Transaction(comparisons: comparisons, operations: operations)
        try expectEqual(try await store.commit(transaction), model.commit(transaction))
    }

    private func comparison(of key: Key, _ random: inout SeededGenerator) -> Comparison {
        let present = model.items[key]
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return .absent(key)
        case 1: return .present(key)
        case 2: return .unchanged(key, since: revision(&random))
        default: return present.map { .unchanged(key, since: $0.revision) } ?? .absent(key)
        }
    }

    private func list(_ random: inout SeededGenerator) async throws {
        let (range, shown) = (range(&random), revision(&random))
        let limit = Int.random(in: 1...5, using: &random)
        let after = Bool.random(using: &random) ? names.randomElement(using: &random) : nil
        guard shown >= model.compacted else {
            let error = StorageError.compacted(requested: shown, oldest: model.compacted)
            return try await expectError(error) {
                _ = try await store.list(range, after: after, limit: limit, at: shown)
            }
        }
        let found = try await store.list(range, after: after, limit: limit, at: shown)
        try expectEqual(found, model.page(range, after: after, limit: limit, at: shown))
        try expectEqual(
            try await store.all(range, limit: limit), model.all(range, at: model.current))
    }

    private func get(_ random: inout SeededGenerator) async throws {
        let (name, shown) = (names.randomElement(using: &random)!, revision(&random))
        try expectEqual(try await store.get(name), model.items[name])
        guard shown >= model.compacted else { return }
        let range = KeyRange(lower: name, upper: name.successor)
        try expectEqual(try await store.get(name, at: shown), model.all(range, at: shown).first)
    }

    private func watch(_ random: inout SeededGenerator) async throws {
        let (range, start) = (range(&random), revision(&random))
        guard start >= model.compacted else { return }
        let events = try await store.events(after: start, range, through: model.current)
        try expectEqual(
            events, model.events.filter { $0.revision > start && range.contains($0.key) })
    }

    private mutating func compact(_ random: inout SeededGenerator) async throws {
        let revision = revision(&random)
        try await store.compact(before: revision)
        model.compacted = max(model.compacted, revision)
    }

    /// Closes the store and goes on with what is opened again, where a store outlives its process.
    private mutating func reopen() async throws {
        guard let reopen = fixture.reopen else { return }
        try await fixture.close()
        fixture = try await reopen()
    }

    private func range(_ random: inout SeededGenerator) -> KeyRange {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return .all
        case 1: return .prefix("a/")
        case 2: return .prefix("b/")
        default:
            let ends = [names.randomElement(using: &random)!, names.randomElement(using: &random)!]
            return KeyRange(lower: ends.min()!, upper: ends.max()!)
        }
    }

    private func revision(_ random: inout SeededGenerator) -> Revision {
        Revision(.random(in: 0...model.current.rawValue, using: &random))
    }
}

/// What a store does, in the simplest way: every state is kept whole.
private struct StoreModel {
    private(set) var items: [Key: Item] = [:]
    private(set) var events: [Event] = []
    private var states: [[Key: Item]] = [[:]]
    var compacted = Revision.zero

    var current: Revision { Revision(UInt64(states.count - 1)) }

    mutating func commit(_ transaction: Transaction) -> CommitResult {
        for comparison in transaction.comparisons {
            let item = items[comparison.key]
            let isTrue =
                switch comparison {
                case .absent: item == nil
                case .present: item != nil
                case .unchanged(_, let since): item?.revision == since
                }
            if !isTrue { return .conflict(comparison, current: item) }
        }
        let before = events.count
        let revision = current.next
        for operation in transaction.operations {
            let previous = items[operation.key]?.revision
            switch operation {
            case .put(let key, let value):
                items[key] = Item(key: key, value: value, revision: revision)
                events.append(
                    Event(revision: revision, key: key, change: .put(value), previous: previous))
            case .delete(let key):
                guard items.removeValue(forKey: key) != nil else { continue }
                events.append(
                    Event(revision: revision, key: key, change: .delete, previous: previous))
            }
        }
        if events.count > before { states.append(items) }
        return .committed(current)
    }

    func all(_ range: KeyRange, at revision: Revision) -> [Item] {
        states[Int(revision.rawValue)].values.filter { range.contains($0.key) }
            .sorted { $0.key < $1.key }
    }

    func page(_ range: KeyRange, after: Key?, limit: Int, at revision: Revision) -> Page {
        let left = all(range, at: revision).filter { item in after.map { item.key > $0 } ?? true }
        return Page(
            items: Array(left.prefix(limit)), revision: revision, hasMore: left.count > limit)
    }
}
