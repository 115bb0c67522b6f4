// The contract that every store of record keeps. `StorageTesting` holds the suite that checks it.

/// Which store this is. A cache built from another store is worthless.
public struct StoreIdentity: Hashable, Sendable, CustomStringConvertible {
    public let name: String
    public init(_ name: String) { self.name = name }
    public var description: String { name }
}

/// The store of record: items under keys, changed by transactions that get consecutive revisions.
public protocol Store: Sendable {
    /// The same for every process that opens this store, and for no other store.
    var identity: StoreIdentity { get async throws(StorageError) }

    /// The item of `key` now, or `nil`.
    func get(_ key: Key) async throws(StorageError) -> Item?

    /// Up to `limit` items of `range` in key order, beginning after `after`, at one revision.
    /// - Parameter revision: the state to show; `nil` is the newest.
    /// - Throws: `compacted` or `future` when that state is not to be had.
    func list(
        _ range: KeyRange, after: Key?, limit: Int, at revision: Revision?
    ) async throws(StorageError) -> Page

    /// Compares, then puts and deletes, all or nothing. When this returns `committed`, the change
    /// is durable.
    /// - Throws: `uncertain` when the outcome is not known, `notWritable` when nothing was changed.
    func commit(_ transaction: Transaction) async throws(StorageError) -> CommitResult

    /// Every event of `range` after `revision`, in order, whole transactions at a time, with
    /// progress marks. Errors, such as a position that has been compacted, come from the stream's
    /// `next()`.
    func watch(after revision: Revision, _ range: KeyRange) -> EventStream

    /// The newest committed revision, as a quorum sees it.
    func currentRevision() async throws(StorageError) -> Revision

    /// Forgets what only positions before `revision` need. Present items stay.
    func compact(before revision: Revision) async throws(StorageError)
}

/// A position in a store's events that moves forward as it is read. Read by one task at a time.
public protocol EventSource: Sendable {
    /// Waits for the next batch. `nil` when the task was cancelled or the stream ended.
    func next() async throws(StorageError) -> EventBatch?
}

/// The events of a watch.
public struct EventStream: Sendable {
    private let source: any EventSource

    public init(_ source: some EventSource) { self.source = source }

    /// Waits for the next batch. `nil` when the task was cancelled or the stream ended.
    /// - Throws: `compacted` when the position has fallen out of what the store keeps;
    ///   `unavailable` or `closed` when the stream broke. The stream is over then; a new one
    ///   resumes from the last batch's `through`.
    public func next() async throws(StorageError) -> EventBatch? { try await source.next() }
}
