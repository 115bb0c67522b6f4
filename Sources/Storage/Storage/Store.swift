// The contract that every store of record keeps. `StorageTesting` holds the suite that checks it.

/// Which store this is. A cache built from another store is worthless.
public struct StoreIdentity: Hashable, Sendable, CustomStringConvertible {
    public let name: String
    public init(_ name: String) { self.name = name }
    public var description: String { name }

    /// A name that no other store has: 128 random bits in hexadecimal.
    public static func random() -> StoreIdentity {
        var generator = SystemRandomNumberGenerator()
        let digits = (0..<2).map { _ in
            let half = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - half.count) + half
        }
        return StoreIdentity(digits.joined())
    }
}

/// What a cache can be loaded from: a store, or what was kept of one.
public protocol ItemSource: Sendable {
    /// Up to `limit` items of `range` in key order, beginning after `after`, at one revision. A
    /// page also ends at `Limits.pageByteCountMax`: go by its `hasMore`, not by its length.
    /// - Parameter revision: the state to show; `nil` is the newest.
    /// - Throws: `compacted` or `future` when that state is not to be had.
    /// - Precondition: `limit` is positive.
    func list(
        _ range: KeyRange, after: Key?, limit: Int, at revision: Revision?
    ) async throws(StorageError) -> Page

    /// The newest committed revision, as a quorum sees it.
    func currentRevision() async throws(StorageError) -> Revision
}

/// The store of record: items under keys, changed by transactions that get consecutive revisions.
public protocol Store: ItemSource {
    /// The same for every process that opens this store, and for no other store.
    var identity: StoreIdentity { get async throws(StorageError) }

    /// Whether nobody but this process writes to the store while it is open. Whoever follows it
    /// then knows all that has been committed, and need not ask how far it is.
    var isExclusive: Bool { get }

    /// Bytes of the largest value that it takes.
    var valueByteCountMax: Int { get }

    /// The item of `key` now, or `nil`.
    func get(_ key: Key) async throws(StorageError) -> Item?

    /// The item that `key` had at `revision`, or `nil`. The state before a deletion at `revision`
    /// is the one at `revision.previous`.
    /// - Throws: `compacted` or `future` when that state is not to be had.
    func get(_ key: Key, at revision: Revision) async throws(StorageError) -> Item?

    /// Compares, then puts and deletes, all or nothing. When this returns `committed`, the change
    /// is durable, and reads and watches that begin afterwards see it. Cancelling the task does not
    /// take a transaction back.
    /// - Throws: `uncertain` when the outcome is not known, `notWritable` and `tooLarge` when
    ///   nothing was changed.
    func commit(_ transaction: Transaction) async throws(StorageError) -> CommitResult

    /// Every event of `range` after `revision`, in order, whole transactions at a time. Commits
    /// outside of `range` move the stream's `through` on, in empty batches if need be. Errors, such
    /// as `compacted` and `future`, come from the stream's `next()`.
    func watch(after revision: Revision, _ range: KeyRange) -> EventStream

    /// Forgets what only positions before `revision` need. Present items stay, and so does the
    /// state at `revision`: it can still be listed, and a watch can start after it. Forgetting what
    /// is already forgotten does nothing. Memory and disk space may be freed later.
    /// - Throws: `future` when the store has not come to `revision`.
    func compact(before revision: Revision) async throws(StorageError)
}

extension Store {
    public var isExclusive: Bool { true }
    public var valueByteCountMax: Int { Limits.valueByteCountMax }

    public func get(_ key: Key, at revision: Revision) async throws(StorageError) -> Item? {
        let range = KeyRange(lower: key, upper: key.successor)
        return try await list(range, after: nil, limit: 1, at: revision).items.first
    }
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
