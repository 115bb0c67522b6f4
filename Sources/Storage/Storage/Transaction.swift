import Buffers

/// What must hold for a transaction to be committed.
public enum Comparison: Hashable, Sendable {
    /// The key has no item.
    case absent(Key)
    /// The key has an item, whatever its revision.
    case present(Key)
    /// The key's item was last changed at exactly this revision.
    case unchanged(Key, since: Revision)

    public var key: Key {
        switch self {
        case .absent(let key), .present(let key), .unchanged(let key, _): key
        }
    }

    /// Whether this holds when the key's item was last changed at `revision`; `nil` is no item.
    public func holds(at revision: Revision?) -> Bool {
        switch self {
        case .absent: revision == nil
        case .present: revision != nil
        case .unchanged(_, let since): revision == since
        }
    }
}

/// One change that a transaction makes.
public enum Operation: Hashable, Sendable {
    case put(Key, Bytes)
    /// Deleting a key that has no item changes nothing and makes no event.
    case delete(Key)

    public var key: Key {
        switch self {
        case .put(let key, _), .delete(let key): key
        }
    }
}

/// Comparisons and operations that are carried out together or not at all.
/// - Precondition: no two operations name the same key, no key is empty, and there are at most
///   `Limits.operationCountMax` comparisons and as many operations. `Store.commit` checks this.
public struct Transaction: Sendable {
    public var comparisons: [Comparison]
    public var operations: [Operation]

    public init(comparisons: [Comparison] = [], operations: [Operation]) {
        self.comparisons = comparisons
        self.operations = operations
    }
}

/// How a commit ended, when the store could tell.
public enum CommitResult: Hashable, Sendable {
    /// Durable, at this revision. A transaction whose operations changed nothing gets the store's
    /// present revision and makes no event.
    case committed(Revision)
    /// Nothing was changed: this comparison failed. `current` is the item that the key has now.
    case conflict(Comparison, current: Item?)
}

extension Transaction {
    /// What every store checks before it looks at a transaction.
    /// - Throws: `tooLarge` for a value over `valueByteCountMax` or a key over
    ///   `Limits.keyByteCountMax` bytes.
    public func checkSize(
        valueByteCountMax: Int = Limits.valueByteCountMax
    ) throws(StorageError) {
        precondition(operations.count <= Limits.operationCountMax, "\(operations.count) operations")
        precondition(
            comparisons.count <= Limits.operationCountMax, "\(comparisons.count) comparisons")
        for operation in operations {
            let key = operation.key
            precondition(!key.bytes.isEmpty, "an operation on the empty key")
            if key.bytes.count > Limits.keyByteCountMax {
                throw .tooLarge(
                    key, byteCount: key.bytes.count, byteCountMax: Limits.keyByteCountMax)
            }
            if case .put(_, let value) = operation, value.count > valueByteCountMax {
                throw .tooLarge(key, byteCount: value.count, byteCountMax: valueByteCountMax)
            }
        }
        precondition(!namesAKeyTwice, "two operations on one key")
    }

    private var namesAKeyTwice: Bool {
        switch operations.count {
        case 0, 1: false
        case 2: operations[0].key == operations[1].key
        default: Set(operations.map(\.key)).count < operations.count
        }
    }
}
