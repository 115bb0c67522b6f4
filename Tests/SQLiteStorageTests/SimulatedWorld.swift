// A store in the simulation, and all that ever happened in it.

import Buffers
import SeedTesting
import Storage
import StorageTesting

/// A store and its whole past.
struct SimulatedWorld {
    private(set) var memory: MemoryStore
    private(set) var events: [Event] = []
    private var present: [Key: Revision] = [:]
    private var transactions: [Transaction] = []
    private(set) var current = Revision.zero

    init(identity: StoreIdentity = .random()) { memory = MemoryStore(identity: identity) }

    var store: PartialStore { PartialStore(whole: memory) }

    /// One random transaction, of ours or of somebody else.
    mutating func write(_ random: inout SeededGenerator) async throws {
        var operations: [Storage.Operation] = []
        if Int.random(in: 0..<4, using: &random) == 0 {
            operations = [.put("foreign/x", "v")]
        }
        for _ in 0..<Int.random(in: operations.isEmpty ? 1...3 : 0...1, using: &random) {
            let key = Key("ours/k\(Int.random(in: 0..<7, using: &random))")
            guard !operations.contains(where: { $0.key == key }) else { continue }
            let isDeletion = Int.random(in: 0..<3, using: &random) == 0
            operations.append(isDeletion ? .delete(key) : .put(key, Bytes("\(transactions.count)")))
        }
        try await commit(Transaction(operations: operations))
    }

    private mutating func commit(_ transaction: Transaction) async throws {
        guard case .committed(let revision) = try await memory.commit(transaction) else { return }
        guard revision > current else { return }
        current = revision
        transactions.append(transaction)
        for operation in transaction.operations where store.isOurs(operation.key) {
            let previous = present[operation.key]
            switch operation {
            case .put(let key, let value):
                events.append(
                    Event(revision: revision, key: key, change: .put(value), previous: previous))
                present[key] = revision
            case .delete(let key):
                guard let previous else { continue }
                events.append(
                    Event(revision: revision, key: key, change: .delete, previous: previous))
                present[key] = nil
            }
        }
    }

    /// The same store as it was at `revision`, restored from a copy.
    func restored(at revision: Revision) async throws -> SimulatedWorld {
        var copy = SimulatedWorld(identity: memory.identity)
        for transaction in transactions.prefix(Int(revision.rawValue)) {
            try await copy.commit(transaction)
        }
        return copy
    }

    /// The items at `revision`, by the revisions that put them.
    func state(at revision: Revision) -> [Key: Revision] {
        var state: [Key: Revision] = [:]
        for event in events {
            if event.revision > revision { break }
            state[event.key] = event.change == .delete ? nil : event.revision
        }
        return state
    }

    func events(after position: Revision, through end: Revision) -> [Event] {
        events.filter { $0.revision > position && $0.revision <= end }
    }
}

extension PartialStore {
    func isOurs(_ key: Key) -> Bool { KeyRange.prefix(Self.prefix).contains(key) }
}
