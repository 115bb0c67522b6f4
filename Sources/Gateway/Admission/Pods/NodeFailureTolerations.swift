import APIModel
import Access
import JSON
import Resources
import WatchCache

/// Kubernetes' `DefaultTolerationSeconds`: a pod that says nothing about it stays for a while on a
/// node that fails.
struct NodeFailureTolerations: CachedPlugin {
    static let name = "DefaultTolerationSeconds"
    static let resources: Set<GroupResource> = [.pods]

    init(_ cache: Cache) {}

    func admit(_ write: inout ProposedWrite) throws(APIStatus) {
        guard write.isCreation || write.isUpdate else { return }
        write.object.change("spec") { spec in
            var tolerations = spec.list("tolerations")
            for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]
            where !tolerations.contains(where: { Self.tolerates($0, key) }) {
                tolerations.append([
                    "key": .string(key), "operator": "Exists", "effect": "NoExecute",
                    "tolerationSeconds": .int(Limits.nodeFailureTolerationSeconds),
                ])
            }
            spec.put("tolerations", .array(tolerations))
        }
    }

    private static func tolerates(_ toleration: JSONValue, _ key: String) -> Bool {
        let (own, effect) = (toleration.text("key"), toleration.text("effect"))
        return (own == key || own.isEmpty) && (effect == "NoExecute" || effect.isEmpty)
    }
}
