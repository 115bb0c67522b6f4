import APIModel
import Access
import Admission
import Buffers
import JSON
import Schema
import WatchCache

/// Counts anew what there is, from the cache.
struct QuotaCount {
    let table: RoutingTable

    /// What is used of a quota in its namespace, as the cache shows it now.
    func used(_ account: QuotaAccount, in namespace: String) -> [String: Quantity] {
        var used: [String: Quantity] = [:]
        for (resource, names) in account.countedResources {
            guard let endpoint = Self.endpoint(resource, table), endpoint.definition.isNamespaced
            else { continue }
            let range = endpoint.range(namespace: Bytes(namespace))
            let snapshot = endpoint.kept.snapshot()
            if account.countsAll, names.allSatisfy(QuotaMeter.isPlainCount) {
                let count = Quantity(Int64(snapshot.count(in: range)))
                for name in names { used[name] = count }
                continue
            }
            snapshot.forEach(in: range) { object in
                let value = object.value
                guard account.counts(value, at: resource) else { return true }
                let usage = QuotaMeter.usage(of: value, at: resource)
                used.merge(usage.filter { names.contains($0.key) }, uniquingKeysWith: +)
                return true
            }
        }
        return used
    }

    /// Where the objects of a resource are; `nil` when it is not served.
    static func endpoint(_ resource: GroupResource, _ table: RoutingTable) -> ResourceEndpoint? {
        table.endpoints.first { $0.qualifiedResource == resource }
    }
}
