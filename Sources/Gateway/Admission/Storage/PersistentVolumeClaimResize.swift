import APIModel
import Access
import JSON
import Resources
import WatchCache

/// Kubernetes' plugin of this name: a claim grows only when it is bound and its class can make
/// volumes larger.
struct PersistentVolumeClaimResize: CachedPlugin {
    static let name = "PersistentVolumeClaimResize"
    static let resources: Set<GroupResource> = [.volumeClaims]

    private let classes: CachedKind

    init(_ cache: Cache) { classes = CachedKind("storage.k8s.io/storageclasses", cache) }

    func validate(_ write: ProposedWrite) throws(APIStatus) {
        guard write.isUpdate, let size = Self.size(write.object), let before = Self.size(write.old),
            size > before
        else { return }
        guard write.old[path: "status", "phase"] == "Bound" else {
            throw write.refused("Only bound persistent volume claims can be expanded")
        }
        guard canGrow(write) else {
            throw write.refused(
                "only dynamically provisioned pvc can be resized and the storageclass that "
                    + "provisions the pvc must support resize")
        }
    }

    private func canGrow(_ write: ProposedWrite) -> Bool {
        let name = write.spec.text("storageClassName")
        guard !name.isEmpty, name == write.old[path: "spec", "storageClassName"]?.string else {
            return false
        }
        return classes.object(name)?["allowVolumeExpansion"]?.bool == true
    }

    private static func size(_ claim: JSONValue) -> Quantity? {
        let text = claim[path: "spec", "resources", "requests", "storage"]?.string
        return text.flatMap { try? Quantity($0) }
    }
}
