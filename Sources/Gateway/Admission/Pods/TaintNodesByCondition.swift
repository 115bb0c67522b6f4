import APIModel
import Access
import JSON
import Resources
import WatchCache

/// Kubernetes' `TaintNodesByCondition`: a new node gets no pods until somebody has seen that it is
/// ready.
struct TaintNodesByCondition: CachedPlugin {
    static let name = "TaintNodesByCondition"
    static let resources: Set<GroupResource> = [.nodes]

    init(_ cache: Cache) {}

    func admit(_ write: inout ProposedWrite) throws(APIStatus) {
        guard write.isCreation else { return }
        write.object.changeOrAdd("spec") { spec in
            let taints = spec.list("taints")
            let isTainted = taints.contains {
                $0.text("key") == Self.key && $0.text("effect") == Self.effect
            }
            guard !isTainted else { return }
            let added: JSONValue = ["key": .string(Self.key), "effect": .string(Self.effect)]
            spec.put("taints", .array(taints + [added]))
        }
    }

    private static let key = "node.kubernetes.io/not-ready"
    private static let effect = "NoSchedule"
}
