import Buffers

/// What the store holds under a key.
public struct Item: Hashable, Sendable {
    public let key: Key
    public let value: Bytes
    /// The transaction that last put this item.
    public let revision: Revision

    public init(key: Key, value: Bytes, revision: Revision) {
        self.key = key
        self.value = value
        self.revision = revision
    }
}

/// Part of a listing. All pages of one listing that are asked for at `revision` show one state.
public struct Page: Hashable, Sendable {
    public let items: [Item]
    /// The store's revision that this page shows.
    public let revision: Revision
    /// Whether items follow the last one of this page.
    public let hasMore: Bool

    public init(items: [Item], revision: Revision, hasMore: Bool) {
        self.items = items
        self.revision = revision
        self.hasMore = hasMore
    }
}

/// One committed change of one key.
public struct Event: Hashable, Sendable {
    public enum Change: Hashable, Sendable {
        case put(Bytes)
        case delete
    }

    public let revision: Revision
    public let key: Key
    public let change: Change
    /// The revision of the item that this change replaced or deleted; `nil` when there was none.
    public let previous: Revision?

    public init(revision: Revision, key: Key, change: Change, previous: Revision?) {
        self.revision = revision
        self.key = key
        self.change = change
        self.previous = previous
    }
}

/// Whole transactions, in order. An empty batch is a progress mark.
public struct EventBatch: Hashable, Sendable {
    public let events: [Event]
    /// Every event up to and with this revision has been delivered.
    public let through: Revision

    public init(events: [Event], through: Revision) {
        self.events = events
        self.through = through
    }
}
