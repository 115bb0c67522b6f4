// A transaction as etcd carries it out.

import Buffers
import Storage

/// The request that a transaction becomes, and what its answer means. When a comparison fails, etcd
/// reads every compared key in the same step, so that the caller learns which one and why.
struct TransactionPlan: Sendable {
    /// What an answer means.
    enum Outcome: Hashable {
        case ended(CommitResult)
        /// Nothing was changed, because the session's key has another revision; `nil` when it is
        /// gone.
        case outdated(session: Revision?)
    }

    let transaction: Transaction
    private let keyspace: Keyspace
    private let session: (key: Bytes, revision: Revision)
    private let receipt: Receipt
    /// The compared keys, each once.
    private let comparedKeys: [Key]

    /// - Parameters:
    ///   - session: a key that must have this revision, whatever else is compared.
    ///   - receipt: what is put besides, when that makes no revision by itself.
    init(
        _ transaction: Transaction, _ keyspace: Keyspace, session: (key: Bytes, revision: Revision),
        _ receipt: Receipt
    ) {
        self.transaction = transaction
        self.session = session
        self.receipt = receipt
        self.keyspace = keyspace
        var seen: Set<Key> = []
        comparedKeys = transaction.comparisons.map(\.key).filter { seen.insert($0).inserted }
    }

    var call: Call {
        var writer = CallWriter(reserving: 512 + byteCount / 2 * 3)
        writer.object { message in
            message.array("compare") { list in
                add(revision: session.revision, of: session.key, to: &list)
                for comparison in transaction.comparisons { add(comparison, to: &list) }
            }
            message.array("success") { list in
                for operation in transaction.operations { add(operation, to: &list) }
                if transaction.surelyChanges {
                    addPut(receipt.key, receipt.number, to: &list)
                }
            }
            message.array("failure") { list in
                addRead(of: session.key, to: &list)
                for key in comparedKeys { addRead(of: keyspace.raw(key), to: &list) }
            }
        }
        return Call(path: "/v3/kv/txn", body: writer.finish(), isRepeatable: false)
    }

    private var byteCount: Int {
        transaction.operations.reduce(0) { sum, operation in
            guard case .put(_, let value) = operation else { return sum + 100 }
            return sum + value.count + 100
        }
    }

    /// An absent key has the version 0 and the revision 0 for etcd.
    private func add(_ comparison: Comparison, to list: inout CallWriter) {
        let key = keyspace.raw(comparison.key)
        switch comparison {
        case .absent, .present:
            let isAbsent = if case .absent = comparison { true } else { false }
            list.object { message in
                message.member("key", key)
                message.member("target", constant: "VERSION")
                message.member("result", constant: isAbsent ? "EQUAL" : "GREATER")
                message.member("version", number: 0)
            }
        case .unchanged(_, let since):
            // Nothing is unchanged since a time when nothing was there.
            if since == .zero { add(.present(comparison.key), to: &list) }
            add(revision: since, of: key, to: &list)
        }
    }

    private func add(revision: Revision, of key: Bytes, to list: inout CallWriter) {
        list.object { message in
            message.member("key", key)
            message.member("target", constant: "MOD")
            message.member("result", constant: "EQUAL")
            message.member("mod_revision", revision)
        }
    }

    private func addRead(of key: Bytes, to list: inout CallWriter) {
        list.object { $0.object("request_range") { $0.member("key", key) } }
    }

    private func add(_ operation: Operation, to list: inout CallWriter) {
        switch operation {
        case .put(let key, let value): addPut(keyspace.raw(key), value, to: &list)
        case .delete(let key):
            list.object { message in
                message.object("request_delete_range") { $0.member("key", keyspace.raw(key)) }
            }
        }
    }

    private func addPut(_ key: Bytes, _ value: Bytes, to list: inout CallWriter) {
        list.object { message in
            message.object("request_put") { put in
                put.member("key", key)
                put.member("value", value)
            }
        }
    }

    /// - Throws: `corrupted` when the answer contradicts itself.
    func outcome(_ answer: TransactionAnswer) throws(StorageError) -> Outcome {
        if answer.hasSucceeded { return .ended(.committed(answer.header.revision)) }
        guard answer.found.count == comparedKeys.count + 1 else {
            throw .corrupted(reason: "etcd refused a transaction and did not show its items")
        }
        let found = answer.found[0].first?.modified
        guard found == session.revision else { return .outdated(session: found) }
        let items = answer.found.dropFirst().map { $0.first.flatMap(keyspace.item) }
        let byKey = Dictionary(uniqueKeysWithValues: zip(comparedKeys, items))
        for comparison in transaction.comparisons {
            let item = byKey[comparison.key] ?? nil
            if !comparison.holds(at: item?.revision) {
                return .ended(.conflict(comparison, current: item))
            }
        }
        throw .corrupted(reason: "etcd refused a transaction whose comparisons all hold")
    }
}

extension Transaction {
    /// Whether something changes when the comparisons hold, whatever else is there: deleting a key
    /// that has no item changes nothing, and makes no revision.
    var surelyChanges: Bool {
        operations.contains { operation in
            guard case .delete(let key) = operation else { return true }
            return comparisons.contains { comparison in
                if case .absent = comparison { false } else { comparison.key == key }
            }
        }
    }
}
