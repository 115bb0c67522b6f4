// What a group of transactions does. Performs no I/O.

import Buffers
import Storage

/// Decides transactions one after the other, each against the index and those before it.
struct GroupPlan {
    enum Decision {
        case write([LogRow])
        /// Nothing to do at the present revision.
        case unchanged(Revision)
        case conflict(Comparison, Present)
    }

    /// The item of a key as the next transaction finds it.
    enum Present {
        case absent
        /// In the file.
        case stored(Position)
        /// Put by a transaction of the same group.
        case planned(LogRow)
    }

    private(set) var transactions: [[LogRow]] = []
    private var planned: [Key: LogRow] = [:]
    private var revision: Revision

    /// The revision of the last transaction.
    var lastRevision: Revision { revision }

    init(after revision: Revision) { self.revision = revision }

    /// - Parameter stored: what the index says of a key.
    mutating func decide(_ transaction: Transaction, stored: (Key) -> Latest?) -> Decision {
        for comparison in transaction.comparisons {
            let latest = latest(of: comparison.key, stored)
            guard comparison.holds(at: latest?.item?.revision) else {
                return .conflict(comparison, present(comparison.key, latest))
            }
        }
        var rows: [LogRow] = []
        for operation in transaction.operations {
            let position = Position(revision.next, sequence: rows.count)
            if let row = row(for: operation, at: position, stored) { rows.append(row) }
        }
        guard !rows.isEmpty else { return .unchanged(revision) }
        revision = revision.next
        for row in rows { planned[row.key] = row }
        transactions.append(rows)
        return .write(rows)
    }

    private func row(
        for operation: Operation, at position: Position, _ stored: (Key) -> Latest?
    ) -> LogRow? {
        let latest = latest(of: operation.key, stored)
        let isPresent = latest?.item != nil
        switch operation {
        case .put(let key, let value):
            return LogRow(
                position: position, before: latest?.position,
                kind: isPresent ? .replaced : .created, key: key, value: value)
        case .delete(let key):
            guard isPresent else { return nil }
            return LogRow(
                position: position, before: latest?.position, kind: .deleted, key: key,
                value: .empty)
        }
    }

    private func latest(of key: Key, _ stored: (Key) -> Latest?) -> Latest? {
        planned[key]?.latest ?? stored(key)
    }

    private func present(_ key: Key, _ latest: Latest?) -> Present {
        guard let position = latest?.item else { return .absent }
        return planned[key].map { .planned($0) } ?? .stored(position)
    }
}
