// Which items go into one transaction of a copy. Performs no I/O.

import Buffers
import Storage

/// Items on their way, as many as etcd takes in one request with its own defaults: 128 operations
/// and 1.5 MiB.
struct CopyBatch: Sendable {
    private(set) var items: [Item] = []
    private var byteCount = 0

    var isEmpty: Bool { items.isEmpty }

    /// Takes `item` in.
    /// - Returns: false when it belongs into the next batch; an empty one takes any item.
    mutating func add(_ item: Item) -> Bool {
        let added = item.key.bytes.count + item.value.count
        guard
            items.isEmpty
                || items.count < Limits.copyOperationCountMax
                    && byteCount + added <= Limits.copyByteCountMax
        else { return false }
        items.append(item)
        byteCount += added
        return true
    }

    var transaction: Transaction {
        Transaction(operations: items.map { .put($0.key, $0.value) })
    }
}
