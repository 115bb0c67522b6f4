// What every write needs: the store, the cache that follows it, and the kinds.

import APIModel
import Access
import Admission
import Buffers
import JSON
import Resources
import Schema
import Storage
import WatchCache

struct WriteEnvironment: Sendable {
    let store: any Store
    let cache: Cache
    let namespaces: ResourceEndpoint
    /// The budgets that evictions are taken from; `nil` when there are none.
    var budgets: ResourceEndpoint?
    /// Those of custom resources.
    var definitions: ResourceEndpoint?
    /// The time of day.
    let now: @Sendable () -> Timestamp
    /// Look at every write of a user before it is validated.
    var checks: [any WriteCheck] = []
    /// Fills in and judges writes by what else there is.
    var admission = AdmissionChain.none
    /// Webhooks and policies; `nil` when nobody else is asked.
    var dynamic: DynamicAdmission?
    /// The other endpoints of the same objects, in other versions.
    var equivalents: @Sendable (ResourceEndpoint) -> [ResourceEndpoint] = { _ in [] }
    /// The quotas that writes are charged to; `nil` when none are.
    var quotas: QuotaBook?
    /// Where pods' accounts are; `nil` when the server makes none.
    var accounts: ResourceEndpoint?
    /// Whether deletions say what becomes of an object's dependents, and somebody sees to it.
    var collectsGarbage = false
    /// Decides what a verb takes beyond the one that was authorized.
    var authorizer: (any Authorizer)?
    /// Answer what is not kept, by kind.
    var virtualHandlers: [GroupKind: any VirtualHandler] = [:]
    /// Where others write to the store, too.
    var contact: StoreContact?

    /// - Throws: the first check's refusal.
    func check(_ write: ProposedWrite) throws(APIStatus) {
        for check in checks { try check.check(write) }
    }

    /// What has to be written to quotas together with `object`.
    /// - Throws: 403 when there is no room for it.
    func charge(
        _ object: JSONValue, from old: JSONValue = .null, _ request: WriteRequest
    ) async throws(APIStatus) -> QuotaCharge {
        try await quotas?.charge(object, from: old, request, self) ?? QuotaCharge()
    }

    /// - Throws: 403 when who may update may not create what is not there.
    func requireCreation(_ request: WriteRequest) throws(APIStatus) {
        guard let authorizer else { return }
        let definition = request.target.endpoint.definition
        try authorizer.require(
            AccessAttributes(
                user: request.user, verb: "create",
                subject: .resource(
                    group: definition.group, version: definition.version,
                    resource: definition.plural, subresource: "",
                    namespace: request.target.namespace ?? "", name: request.target.name ?? "")))
    }

    /// What strategies may know, now.
    func context() -> StrategyContext {
        StrategyContext(now: now(), random: { UInt32.random(in: $0) })
    }

    /// Who owns the fields that the server itself writes.
    private static let ownName = "binnacle"

    /// A request of the server's own.
    func request(_ target: WriteTarget, _ body: Bytes = .empty) -> WriteRequest {
        WriteRequest(
            target: target, options: WriteOptions(),
            body: RequestBody(bytes: body, contentType: nil), context: context(),
            manager: Self.ownName, isOwn: true)
    }

    /// Commits, and waits until the cache shows the commit: a client that has its answer reads its
    /// own write. Where others write, too, reads ask the store, and the wait has an end.
    func commit(_ transaction: Transaction) async throws(APIStatus) -> CommitResult {
        do {
            let result = try await store.commit(transaction)
            guard case .committed(let revision) = result else { return result }
            if contact == nil {
                _ = await cache.waitUntilApplied(revision)
            } else {
                _ = await cache.wait(for: revision, atMost: Limits.ownWriteWait)
            }
            return result
        } catch {
            throw APIStatus(storage: error)
        }
    }

    /// Waits until the cache shows what the store has now, such as what somebody else has made.
    func catchUp() async throws(APIStatus) {
        do {
            let newest = try await store.currentRevision()
            _ = await cache.wait(for: newest, atMost: Limits.ownWriteWait)
        } catch {
            throw APIStatus(storage: error)
        }
    }

    /// Whether the store has what the cache showed: one that says that nothing is to be done must
    /// know. Where this gateway is alone with the store, the commit tells all.
    func isCurrent(_ object: CurrentObject) async throws(APIStatus) -> Bool {
        guard contact != nil else { return true }
        do {
            return try await store.get(object.key)?.revision == object.revision
        } catch {
            throw APIStatus(storage: error)
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
    ) async throws(APIStatus) -> CurrentObject? {
        guard case .conflict(_, let item?) = result else { return nil }
        let form = StoredForm(endpoint: endpoint)
        guard let translation = endpoint.translation else { return try form.decode(item) }
        return try form.decode(try await translation.shown.item(item))
    }

    /// What a client sees of the object that was committed at `revision`. The cache has encoded it;
    /// only when it has been changed again since, or a webhook does not translate it back, `object`
    /// is encoded here.
    func represent(
        _ object: OwnedObject, at revision: Revision, key: Key, _ endpoint: ResourceEndpoint
    ) async -> Bytes {
        try? await endpoint.translation?.feed.reach(revision)
        if let cached = endpoint.cache.snapshot().object(key), cached.revision == revision {
            return endpoint.whole(cached)
        }
        var object = object
        object.value.setMetadata("resourceVersion", .string(revision.description))
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
