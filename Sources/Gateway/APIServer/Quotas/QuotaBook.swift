// Charges writes to the quotas of their namespace.

import APIModel
import Access
import Admission
import Buffers
import JSON
import Resources
import Storage
import WatchCache

/// Kubernetes' `ResourceQuota`: what an object uses is added to `status.used` in the transaction
/// that writes the object, so that no two gateways together let in more than there is room for.
struct QuotaBook: Sendable {
    let quotas: ResourceEndpoint
    let kinds: ServedKinds
    private let queue = NamespaceQueue()

    init(_ quotas: ResourceEndpoint, _ kinds: ServedKinds) {
        self.quotas = quotas
        self.kinds = kinds
    }

    /// Waits until no other write of this gateway is being charged in the namespace: they would
    /// only get in each other's way.
    /// - Returns: what has to be ended; `nil` when the namespace has no quotas.
    func turn(at target: WriteTarget) async -> NamespaceQueue.Turn? {
        guard let namespace = target.namespace,
            quotas.cache.snapshot().count(in: quotas.range(namespace: Bytes(namespace))) > 0
        else { return nil }
        return await queue.turn(namespace)
    }

    /// What has to be written together with `object`.
    /// - Parameter old: what is there now, or `null`.
    /// - Throws: 403 when there is no room, or when it cannot be told how much the object uses.
    func charge(
        _ object: JSONValue, from old: JSONValue = .null, _ request: WriteRequest,
        _ environment: WriteEnvironment
    ) async throws(APIStatus) -> QuotaCharge {
        let target = request.target
        var charge = QuotaCharge()
        guard let namespace = target.namespace, Self.isCharged(target.subresource) else {
            return charge
        }
        let present = try quotas(in: namespace)
        guard !present.isEmpty else { return charge }
        let growth = Self.growth(object, from: old, at: target.resource)
        guard !growth.isEmpty else { return charge }
        for quota in present {
            let account = QuotaAccount(quota.value)
            guard account.counts(object, at: target.resource) else { continue }
            let name = object.metadataName ?? ""
            if let problem = account.missingAmounts(in: object, at: target.resource) {
                throw .forbidden(target.resource, name, problem: problem)
            }
            let used = try await used(account, quota, namespace, environment)
            switch account.charge(growth, on: used) {
            case .none: continue
            case .exceeds(let problem): throw .forbidden(target.resource, name, problem: problem)
            case .fits(let sum): charge.add(quota, using: sum, account, quotas)
            }
        }
        return charge
    }

    /// The status of a pod changes what it uses downwards only, which is found out later.
    private static func isCharged(_ subresource: String?) -> Bool {
        subresource == nil || subresource == "resize"
    }

    private static func growth(
        _ object: JSONValue, from old: JSONValue, at resource: GroupResource
    ) -> [String: Quantity] {
        var growth = QuotaMeter.usage(of: object, at: resource)
        if !old.isNull {
            growth.merge(QuotaMeter.usage(of: old, at: resource).filter { growth[$0.key] != nil }) {
                $0 - $1
            }
        }
        return growth.filter { Quantity(0) < $0.value }
    }

    private func quotas(in namespace: String) throws(APIStatus) -> [CurrentObject] {
        var found: [CachedObject] = []
        quotas.cache.snapshot().forEach(in: quotas.range(namespace: Bytes(namespace))) { object in
            found.append(object)
            return true
        }
        var quotas: [CurrentObject] = []
        for object in found {
            quotas.append(try StoredForm(endpoint: self.quotas).decode(object))
        }
        return quotas
    }

    /// What the quota says, or what there is, when it does not say it yet.
    private func used(
        _ account: QuotaAccount, _ quota: CurrentObject, _ namespace: String,
        _ environment: WriteEnvironment
    ) async throws(APIStatus) -> [String: Quantity] {
        if account.isSettled { return account.used }
        // All that came before this state of the quota has to be seen.
        guard await environment.cache.wait(for: quota.revision, atMost: Limits.ownWriteWait) else {
            throw .outdated(quotas.qualifiedResource)
        }
        return QuotaCount(table: kinds.state.table).used(account, in: namespace)
    }
}

/// What quotas have to be, and become, when an object is written.
struct QuotaCharge {
    private var comparisons: [Comparison] = []
    private var operations: [Storage.Operation] = []

    fileprivate mutating func add(
        _ quota: CurrentObject, using used: [String: Quantity], _ account: QuotaAccount,
        _ endpoint: ResourceEndpoint
    ) {
        var value = quota.value
        value["status"] = account.status(using: used)
        comparisons.append(.unchanged(quota.key, since: quota.revision))
        operations.append(
            .put(quota.key, StoredForm(endpoint: endpoint).encode(quota.becoming(value))))
    }

    func add(to transaction: inout Transaction) {
        transaction.comparisons += comparisons
        transaction.operations += operations
    }
}
