// What a store that only stands before another one need not write itself.

import Storage

/// A store that passes everything on to another one, but for what it does itself: it may keep
/// callers waiting, refuse them, or change what they see.
public protocol ForwardingStore: Store {
    /// The store behind this one, once the caller may reach it. Asked before every call but
    /// `watch`, whose errors come from its stream.
    /// - Throws: why the caller cannot reach it now.
    func reached() async throws(StorageError) -> any Store
}

extension ForwardingStore {
    public var identity: StoreIdentity {
        get async throws(StorageError) { try await reached().identity }
    }

    public func get(_ key: Key) async throws(StorageError) -> Item? {
        try await reached().get(key)
    }

    public func get(_ key: Key, at revision: Revision) async throws(StorageError) -> Item? {
        try await reached().get(key, at: revision)
    }

    public func list(
        _ range: KeyRange, after: Key?, limit: Int, at revision: Revision?
    ) async throws(StorageError) -> Page {
        try await reached().list(range, after: after, limit: limit, at: revision)
    }

    public func commit(_ transaction: Transaction) async throws(StorageError) -> CommitResult {
        try await reached().commit(transaction)
    }

    public func currentRevision() async throws(StorageError) -> Revision {
        try await reached().currentRevision()
    }

    public func compact(before revision: Revision) async throws(StorageError) {
        try await reached().compact(before: revision)
    }
}
