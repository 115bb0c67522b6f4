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
/// - Precondition: no two operations name the same key.
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
