// What every write needs: the store, the cache that follows it, and the kinds.

import APIModel
import Buffers
import JSON
import Resources
import Storage
import WatchCache

struct WriteEnvironment: Sendable {
    let store: any Store
    let cache: Cache
    let namespaces: ResourceEndpoint
    /// Draws a number from a range, each equally likely.
    let random: @Sendable (Range<UInt32>) -> UInt32
    /// Makes a new uid (RFC 9562 section 5.4).
    let makeUID: @Sendable () -> String

    /// Commits, and waits until the cache shows the commit: a client that has its answer reads its
    /// own write.
    func commit(_ transaction: Transaction) async throws(APIStatus) -> CommitResult {
        do {
            let result = try await store.commit(transaction)
            if case .committed(let revision) = result { await cache.waitUntilApplied(revision) }
            return result
        } catch {
            throw APIStatus(error)
        }
    }

    /// The object as the cache has it, or `nil`.
    func current(_ key: Key, _ endpoint: ResourceEndpoint) throws(APIStatus) -> CurrentObject? {
        guard let object = endpoint.cache.snapshot().object(key) else { return nil }
        return try StoredForm(endpoint: endpoint).decode(object)
    }

    /// The object that a conflict showed: newer than the cache's, perhaps.
    func current(
        _ result: CommitResult, _ endpoint: ResourceEndpoint
    ) throws(APIStatus) -> CurrentObject? {
        guard case .conflict(_, let item?) = result else { return nil }
        return try StoredForm(endpoint: endpoint).decode(item)
    }

    /// What a client sees of the object that was committed at `revision`. The cache has encoded it;
    /// only when it has been changed again since, `object` is encoded here.
    func represent(
        _ object: JSONValue, at revision: Revision, key: Key, _ endpoint: ResourceEndpoint
    ) -> Bytes {
        if let cached = endpoint.cache.snapshot().object(key), cached.revision == revision {
            var buffer = ByteBuffer(reserving: endpoint.objectPrefix.count + cached.body.count)
            buffer.append(endpoint.objectPrefix)
            buffer.append(cached.body)
            return buffer.freeze()
        }
        var object = object
        object.setMetadata("resourceVersion", .string(revision.description))
        return StoredForm(endpoint: endpoint).represent(object)
    }
}

extension JSONValue {
    /// Sets or removes a member of `metadata`, which is made when it is missing.
    mutating func setMetadata(_ name: String, _ value: JSONValue?) {
        var metadata = self["metadata"] ?? .object(JSONObject())
        metadata[name] = value
        self["metadata"] = metadata
    }
}
