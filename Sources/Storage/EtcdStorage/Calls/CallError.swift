// Why a call has no answer.

import Buffers
import Storage

/// Why the cluster did not do what it was asked.
enum CallError: Error, Hashable {
    /// It said no, and did nothing.
    case refused(RefusalAnswer)
    /// No member could be asked: nothing was done.
    case unreachable(String)
    /// It may have been done, or may yet be.
    case uncertain(String)
    case closed
}

extension CallError {
    /// What a reader is told.
    var whenReading: StorageError {
        switch self {
        case .refused(let refusal): .unavailable(reason: "etcd refuses: \(refusal.message)")
        case .unreachable(let reason), .uncertain(let reason): .unavailable(reason: reason)
        case .closed: .closed
        }
    }

    /// What a writer is told.
    func whenWriting(_ transaction: Transaction) -> StorageError {
        let key = transaction.operations.first?.key ?? transaction.comparisons.first?.key ?? ""
        switch self {
        case .refused(let refusal): return refusal.whenWriting(transaction, key)
        case .unreachable(let reason): return .notWritable(key, reason: reason)
        case .uncertain(let reason): return .uncertain(key, reason: reason)
        case .closed: return .closed
        }
    }
}

extension RefusalAnswer {
    var isCompacted: Bool { message.contains("required revision has been compacted") }
    var isFuture: Bool { message.contains("required revision is a future revision") }

    /// Whether the member could not do it just now, and has surely not done it.
    var wasNotTried: Bool {
        ["no leader", "not capable", "too many requests", "server stopped", "not started"]
            .contains { message.contains($0) }
    }

    /// Whether another member may do better.
    var isOfMember: Bool { code == Code.unavailable.rawValue || wasNotTried }

    fileprivate func whenWriting(_ transaction: Transaction, _ key: Key) -> StorageError {
        if message.contains("request is too large") {
            return .tooLarge(
                key, byteCount: transaction.valueByteCount, byteCountMax: Limits.valueByteCountMax)
        }
        return .notWritable(key, reason: "etcd refuses: \(message)\(advice)")
    }

    private var advice: String {
        if message.contains("database space exceeded") {
            return " (compact, defragment and disarm the alarm, or raise --quota-backend-bytes)"
        }
        if message.contains("too many operations") {
            return " (start etcd with --max-txn-ops=\(Storage.Limits.operationCountMax + 1))"
        }
        return ""
    }
}

extension Transaction {
    fileprivate var valueByteCount: Int {
        operations.reduce(0) { sum, operation in
            if case .put(_, let value) = operation { sum + value.count } else { sum }
        }
    }
}
