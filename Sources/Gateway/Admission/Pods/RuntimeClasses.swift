import APIModel
import Access
import JSON
import Resources
import WatchCache

/// Kubernetes' `RuntimeClass`: what the class of a pod's runtime costs, and where it runs.
struct RuntimeClasses: CachedPlugin {
    static let name = "RuntimeClass"
    static let resources: Set<GroupResource> = [.pods]

    private let classes: CachedKind

    init(_ cache: Cache) { classes = CachedKind("node.k8s.io/runtimeclasses", cache) }

    func admit(_ write: inout ProposedWrite) throws(APIStatus) {
        guard write.isCreation, let runtime = try runtime(of: write) else { return }
        let overhead = runtime[path: "overhead", "podFixed"]
        if let overhead, let given = write.spec["overhead"], given != overhead {
            throw write.refused(
                "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
        }
        let scheduling = runtime["scheduling"] ?? .null
        let wanted = scheduling.entries("nodeSelector")
        let present = write.spec.entries("nodeSelector")
        for (label, value) in wanted where present[label].map({ $0 != value }) ?? false {
            throw write.refused(
                "pod rejected: conflict: runtimeClass.scheduling.nodeSelector[\(label)] = "
                    + "\(value.string ?? ""); pod.spec.nodeSelector[\(label)] = "
                    + "\(present[label]?.string ?? "")")
        }
        write.object.change("spec") { spec in
            if let overhead { spec.fill("overhead", overhead) }
            if !wanted.isEmpty {
                spec.changeOrAdd("nodeSelector") { selector in
                    for (label, value) in wanted { selector.put(label, value) }
                }
            }
            let tolerations = spec.list("tolerations")
            let added = scheduling.list("tolerations").filter { !tolerations.contains($0) }
            if !added.isEmpty { spec.put("tolerations", .array(tolerations + added)) }
        }
    }

    /// Without a class nothing runs a pod that costs something beside its containers.
    func validate(_ write: ProposedWrite) throws(APIStatus) {
        guard write.isCreation, try runtime(of: write) == nil, write.spec.isFilled("overhead")
        else { return }
        throw write.refused(
            "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead")
    }

    private func runtime(of write: ProposedWrite) throws(APIStatus) -> JSONValue? {
        let name = write.spec.text("runtimeClassName")
        guard !name.isEmpty else { return nil }
        guard let runtime = classes.object(name) else {
            throw write.refused("pod rejected: RuntimeClass \(name.quoted) not found")
        }
        return runtime
    }
}
