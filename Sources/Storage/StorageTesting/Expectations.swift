// The words in which the checks speak.

import Buffers
import Storage

/// - Throws: `Violation` unless `condition` holds.
func expect(
    _ condition: Bool, _ sentence: @autoclosure () -> String, line: UInt = #line,
    file: StaticString = #fileID
) throws {
    guard condition else { throw Violation(description: "\(file):\(line): \(sentence())") }
}

func expectEqual<Value: Equatable>(
    _ found: Value, _ expected: Value, line: UInt = #line, file: StaticString = #fileID
) throws {
    guard found == expected else {
        throw Violation(description: "\(file):\(line): found \(found), expected \(expected)")
    }
}

/// - Throws: `Violation` unless `body` throws exactly `error`.
func expectError(
    _ error: StorageError, line: UInt = #line, file: StaticString = #fileID,
    _ body: () async throws -> Void
) async throws {
    do {
        try await body()
    } catch let found as StorageError {
        return try expectEqual(found, error, line: line, file: file)
    }
    throw Violation(description: "\(file):\(line): expected \(error), but nothing was thrown")
}

extension Store {
    /// Commits, and insists on success.
    @discardableResult
    func must(_ transaction: Transaction) async throws -> Revision {
        switch try await commit(transaction) {
        case .committed(let revision): return revision
        case .conflict(let comparison, let current):
            throw Violation(
                description: "\(comparison) failed, current is \(String(describing: current))")
        }
    }

    @discardableResult
    func put(_ key: Key, _ value: Bytes) async throws -> Revision {
        try await must(Transaction(operations: [.put(key, value)]))
    }

    @discardableResult
    func delete(_ key: Key) async throws -> Revision {
        try await must(Transaction(operations: [.delete(key)]))
    }

    /// Every item of `range`, read in pages of `limit` at one revision.
    func all(
        _ range: KeyRange = .all, limit: Int = 1_000, at revision: Revision? = nil
    ) async throws -> [Item] {
        var page = try await list(range, after: nil, limit: limit, at: revision)
        var items = page.items
        while page.hasMore {
            let last = items.last?.key
            page = try await list(range, after: last, limit: limit, at: page.revision)
            try expect(!page.items.isEmpty, "a page that was promised is empty")
            items += page.items
        }
        return items
    }

    /// The batches of a watch until it has come to `last`.
    func batches(
        after revision: Revision, _ range: KeyRange = .all, through last: Revision
    ) async throws -> [EventBatch] {
        let stream = watch(after: revision, range)
        var batches: [EventBatch] = []
        var through = revision
        while through < last {
            guard let batch = try await stream.next() else {
                throw Violation(description: "the stream ended at \(through), before \(last)")
            }
            try expect(batch.through > through, "\(batch.through) does not move on from \(through)")
            for event in batch.events {
                try expect(
                    event.revision > through && event.revision <= batch.through,
                    "event \(event.revision) in a batch after \(through) through \(batch.through)")
            }
            through = batch.through
            batches.append(batch)
        }
        return batches
    }

    func events(
        after revision: Revision, _ range: KeyRange = .all, through last: Revision
    ) async throws -> [Event] {
        try await batches(after: revision, range, through: last).flatMap(\.events)
    }
}

/// `prefix` followed by `number` in six digits, so that the order of keys is that of numbers.
func key(_ prefix: String, _ number: Int) -> Key {
    let digits = String(number)
    return Key(prefix + String(repeating: "0", count: max(0, 6 - digits.count)) + digits)
}
