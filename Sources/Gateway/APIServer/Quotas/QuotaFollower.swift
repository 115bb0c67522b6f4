// Finds the namespaces whose quotas may tell of more than is used.

import APIModel
import Access
import Admission
import Buffers
import JSON
import Storage
import WatchCache

/// Follows the quotas and what they count. Creations are charged when they are made, and are not
/// looked at.
struct QuotaFollower {
    private struct Followed {
        var resource: FollowedResource
        let mark: ChangeMark
        let counted: GroupResource
    }

    private let quotas: ResourceEndpoint
    private let cache: Cache
    private var resetCount: UInt64
    private var followed: [String: Followed] = [:]
    /// Those that have quotas.
    private var namespaces: Set<String> = []

    init(_ quotas: ResourceEndpoint, _ cache: Cache) {
        self.quotas = quotas
        self.cache = cache
        resetCount = cache.resetCount
    }

    /// Follows the quotas, and whatever one of them counts.
    /// - Parameter subscribe: is called for each new resource, before it is first looked at.
    mutating func follow(
        _ table: RoutingTable, _ subscribe: (ResourceCache, ChangeMark) -> Void
    ) {
        var wanted = [quotas.qualifiedResource: quotas]
        namespaces = []
        quotas.cache.snapshot().forEachObject { quota in
            namespaces.insert(quota.namespace.description)
            for resource in QuotaAccount(quota.value).countedResources.keys {
                wanted[resource] = wanted[resource] ?? QuotaCount.endpoint(resource, table)
            }
        }
        let names = Set(wanted.values.map(\.kept.description.name))
        followed = followed.filter { names.contains($0.key) }
        for (counted, endpoint) in wanted {
            let name = endpoint.kept.description.name
            if let present = followed[name], present.resource.cache === endpoint.kept,
                !present.mark.hasEnded
            {
                continue
            }
            let mark = ChangeMark()
            subscribe(endpoint.kept, mark)
            followed[name] = Followed(
                resource: FollowedResource(endpoint.kept), mark: mark, counted: counted)
        }
    }

    /// Every namespace that has quotas.
    var all: Set<String> { namespaces }

    /// Those that have to be counted anew since the last time.
    mutating func catchUp() -> Set<String> {
        let isReset = resetCount != cache.resetCount
        resetCount = cache.resetCount
        var changed: Set<String> = []
        for name in followed.keys {
            guard followed[name]?.mark.take() == true || isReset else { continue }
            if isReset { followed[name]?.resource.restart() }
            guard let counted = followed[name]?.counted else { continue }
            let isQuota = counted == quotas.qualifiedResource
            followed[name]?.resource.catchUp { change in
                guard case .event(let event) = change else { return changed.formUnion(namespaces) }
                let namespace = event.object.namespace.description
                guard namespaces.contains(namespace), !changed.contains(namespace) else { return }
                if Self.matters(event, counted) || isQuota && Self.isUnsettled(event) {
                    changed.insert(namespace)
                }
            }
        }
        return changed
    }

    private static func matters(_ event: LogEvent, _ resource: GroupResource) -> Bool {
        switch event.kind {
        case .added: return false
        case .deleted: return true
        case .modified:
            guard let previous = event.previous else { return true }
            return QuotaMeter.usage(of: previous.value, at: resource)
                != QuotaMeter.usage(of: event.object.value, at: resource)
        }
    }

    private static func isUnsettled(_ event: LogEvent) -> Bool {
        event.kind != .deleted && !QuotaAccount(event.object.value).isSettled
    }
}
