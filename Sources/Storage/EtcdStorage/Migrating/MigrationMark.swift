// Whether items are being copied into a store.

import Buffers
import Storage

/// A key that is there from the beginning of a copy to its end. Who begins one leaves the mark and
/// then looks whether anything else is there; a gateway that is new leaves its name and then looks
/// for the mark: one of the two sees the other.
struct MigrationMark: Sendable {
    private let core: StoreCore

    init(_ core: StoreCore) { self.core = core }

    private var prefix: String { core.keyspace.prefix.description }

    /// - Parameters:
    ///   - source: what is copied, for people.
    ///   - restarts: whether what an earlier copy has left is removed first.
    func put(_ source: Bytes, restarts: Bool) async throws {
        let (key, whole) = (core.keyspace.migrationMark, core.keyspace.whole)
        let found: RangeAnswer = try await ask(.get(key))
        if !found.items.isEmpty {
            guard restarts else { throw MigrationFailure.begun(prefix: prefix) }
            let _: PlainAnswer = try await ask(.removal(of: whole))
            core.session.forget()
        }
        // A store that anything is in is left as it is.
        if try await count(2) > 0 { throw MigrationFailure.notEmpty(prefix: prefix) }
        let answer: TransactionAnswer = try await ask(.exchange(key, at: .zero, for: source))
        guard answer.hasSucceeded else { throw MigrationFailure.begun(prefix: prefix) }
        guard try await count(2) == 1 else {
            let _: PlainAnswer = try await ask(.removal(of: key))
            throw MigrationFailure.notEmpty(prefix: prefix)
        }
    }

    /// The copy is whole.
    /// - Returns: the revision from which on it is.
    func remove() async throws -> Revision {
        let mark: PlainAnswer = try await ask(.removal(of: core.keyspace.migrationMark))
        return mark.header.revision
    }

    /// How many keys the store has, but for those past the limit.
    private func count(_ limit: Int) async throws -> Int {
        let found: RangeAnswer = try await ask(
            .range(core.keyspace.whole, limit: limit, at: nil))
        return found.items.count
    }

    private func ask<Answer: CallAnswer>(_ call: Call) async throws -> Answer {
        do throws(CallError) {
            return try await core.cluster.ask(call, core.cluster.writing)
        } catch {
            throw error.whenReading
        }
    }
}
