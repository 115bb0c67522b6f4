// What an object uses, in the words of quotas.

import APIModel
import Access
import JSON
import Resources

/// Reads the names that stand in a quota's `hard`, and what objects use of each (Kubernetes:
/// "Resource Quotas").
package enum QuotaMeter {
    /// The resource whose objects are counted under `name`; `nil` when nothing is.
    package static func resource(countedBy name: String) -> GroupResource? {
        if let counted = name.removingPrefix("count/") {
            let parts = counted.split(separator: ".", maxSplits: 1)
            guard let resource = parts.first else { return nil }
            return GroupResource(
                group: parts.count > 1 ? String(parts[1]) : "", resource: String(resource))
        }
        if countedByName.contains(name) { return GroupResource(group: "", resource: name) }
        if name.hasPrefix("services.") { return .services }
        if name == storageRequests || name.contains(classInfix) { return .volumeClaims }
        let isOfPods =
            ["requests.", "limits.", hugePages].contains { name.hasPrefix($0) }
            || computed.contains(name)
        return isOfPods ? .pods : nil
    }

    /// Whether all that is counted under `name` is how many objects there are.
    package static func isPlainCount(_ name: String) -> Bool {
        name.hasPrefix("count/") || name != "pods" && countedByName.contains(name)
    }

    /// What one object uses. Names without an entry are not used at all.
    package static func usage(
        of object: JSONValue, at resource: GroupResource
    ) -> [String: Quantity] {
        var usage = ["count/\(resource)": Quantity(1)]
        if resource.group.isEmpty, resource != .pods, countedByName.contains(resource.resource) {
            usage[resource.resource] = Quantity(1)
        }
        switch resource {
        case .pods: addPod(object, to: &usage)
        case .services: addService(object["spec"] ?? .null, to: &usage)
        case .volumeClaims: addClaim(object["spec"] ?? .null, to: &usage)
        default: break
        }
        return usage
    }

    private static let computed: Set<String> = ["cpu", "memory", "ephemeral-storage"]
    private static let hugePages = "hugepages-"
    private static let storageRequests = "requests.storage"
    private static let classInfix = ".storageclass.storage.k8s.io/"

    /// What is counted under its own name, without a prefix.
    private static let countedByName: Set<String> = [
        "pods", "services", "configmaps", "secrets", "persistentvolumeclaims",
        "replicationcontrollers", "resourcequotas",
    ]

    /// A pod that has ended uses nothing but its place in the store.
    private static func addPod(_ pod: JSONValue, to usage: inout [String: Quantity]) {
        let phase = pod["status"]?.text("phase")
        guard phase != "Succeeded", phase != "Failed" else { return }
        usage["pods"] = Quantity(1)
        usage.merge(podAmounts(pod["spec"] ?? .null)) { $1 }
    }

    private static func podAmounts(_ spec: JSONValue) -> [String: Quantity] {
        var amounts = Amounts(ofPod: spec)
        // What is stated for the pod as a whole counts in the place of its containers' sum.
        let whole = Amounts(spec["resources"] ?? .null)
        amounts.requests.merge(whole.requests) { $1 }
        amounts.limits.merge(whole.limits) { $1 }
        return named(amounts)
    }

    /// The amounts of a pod or a container under the names that quotas have for them.
    static func named(_ amounts: Amounts) -> [String: Quantity] {
        var usage: [String: Quantity] = [:]
        for (resource, amount) in amounts.requests {
            usage["requests.\(resource)"] = amount
            if computed.contains(resource) || resource.hasPrefix(hugePages) {
                usage[resource] = amount
            }
        }
        for (resource, amount) in amounts.limits where computed.contains(resource) {
            usage["limits.\(resource)"] = amount
        }
        return usage
    }

    private static func addService(_ spec: JSONValue, to usage: inout [String: Quantity]) {
        let needs = ServiceNeeds(of: spec)
        if needs.type == "LoadBalancer" { usage["services.loadbalancers"] = Quantity(1) }
        let ports = spec.list("ports")
        let opened = needs.nodePorts ? ports : ports.filter { ($0["nodePort"]?.int ?? 0) != 0 }
        if !opened.isEmpty { usage["services.nodeports"] = Quantity(Int64(opened.count)) }
    }

    private static func addClaim(_ spec: JSONValue, to usage: inout [String: Quantity]) {
        let storage = Amounts(spec["resources"] ?? .null).requests["storage"]
        usage[storageRequests] = storage
        let name = spec.text("storageClassName")
        guard !name.isEmpty else { return }
        usage[name + classInfix + "persistentvolumeclaims"] = Quantity(1)
        usage[name + classInfix + storageRequests] = storage
    }
}

extension GroupResource {
    static let services = GroupResource(group: "", resource: "services")
}

extension String {
    fileprivate func removingPrefix(_ prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
