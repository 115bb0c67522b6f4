// Keeps pods and claims within the bounds of their namespace.

import APIModel
import Access
import JSON
import Resources
import WatchCache

/// Kubernetes' `LimitRanger`: fills in what containers may use when they do not say it, and refuses
/// what is out of the bounds of a LimitRange.
struct LimitRanger: CachedPlugin {
    static let name = "LimitRanger"
    static let resources: Set<GroupResource> = [.pods, .volumeClaims]

    private let ranges: CachedKind

    init(_ cache: Cache) { ranges = CachedKind("core/limitranges", cache) }

    func admit(_ write: inout ProposedWrite) throws(APIStatus) {
        guard write.resource == .pods, write.isCreation else { return }
        for range in ranges.objects(in: write.namespace) {
            let amounts = DefaultAmounts(range)
            guard !amounts.isEmpty else { continue }
            amounts.fill(&write.object)
        }
    }

    /// Pods cannot change their amounts; claims can.
    func validate(_ write: ProposedWrite) throws(APIStatus) {
        guard write.isCreation || write.isUpdate && write.resource == .volumeClaims else { return }
        for range in ranges.objects(in: write.namespace) {
            let problems = range[path: "spec", "limits"]?.array?.flatMap { item in
                write.resource == .pods
                    ? BoundedPod(write.object).problems(item)
                    : BoundedClaim(write.object).problems(item)
            }
            guard let problems, let first = problems.first else { continue }
            throw write.refused(
                problems.count == 1 ? first : "[\(problems.joined(separator: ", "))]")
        }
    }
}

/// What a LimitRange gives to containers that say nothing.
private struct DefaultAmounts {
    private let range: String
    private var requests = JSONObject()
    private var limits = JSONObject()

    /// Of several items for containers a later one counts where it says something.
    init(_ range: JSONValue) {
        self.range = ObjectMeta(of: range).name
        let items = range[path: "spec", "limits"]?.array ?? []
        for item in items where item.text("type") == "Container" {
            for (resource, amount) in item.entries("defaultRequest") { requests[resource] = amount }
            for (resource, amount) in item.entries("default") { limits[resource] = amount }
        }
    }

    var isEmpty: Bool { requests.isEmpty && limits.isEmpty }

    /// Fills in, and says so in an annotation.
    func fill(_ pod: inout JSONValue) {
        var told: [String] = []
        pod.change("spec") { spec in
            for (list, kind) in [("containers", "container"), ("initContainers", "init container")]
            {
                spec.changeEach(list) { container in
                    let place = "\(kind) \(container.text("name"))"
                    for (member, amounts) in [("request", requests), ("limit", limits)] {
                        let filled = Self.fill(member + "s", amounts, &container)
                        guard !filled.isEmpty else { continue }
                        told.append("\(filled.joined(separator: ", ")) \(member) for \(place)")
                    }
                }
            }
        }
        guard !told.isEmpty else { return }
        pod.changeOrAdd("metadata") { metadata in
            metadata.changeOrAdd("annotations") { annotations in
                annotations.put(
                    "kubernetes.io/limit-ranger",
                    .string("LimitRanger plugin set: " + told.joined(separator: "; ")))
            }
        }
    }

    /// - Returns: the resources that were missing, in order.
    private static func fill(
        _ member: String, _ amounts: JSONObject, _ container: inout JSONValue
    ) -> [String] {
        guard !amounts.isEmpty else { return [] }
        var filled: [String] = []
        container.changeOrAdd("resources") { resources in
            let present = resources.entries(member)
            filled = amounts.keys.filter { !present.contains($0) }.sorted()
            guard !filled.isEmpty else { return }
            resources.changeOrAdd(member) { own in
                for resource in filled { own.put(resource, amounts[resource]) }
            }
        }
        return filled
    }
}
