import APIModel
import Access
import JSON
import Resources
import WatchCache

/// Kubernetes' plugin of this name: volumes and claims are held by a finalizer, which a controller
/// takes off when no pod uses them any more.
struct StorageObjectInUseProtection: CachedPlugin {
    static let name = "StorageObjectInUseProtection"
    static let resources: Set<GroupResource> = [.volumes, .volumeClaims]

    init(_ cache: Cache) {}

    func admit(_ write: inout ProposedWrite) throws(APIStatus) {
        guard write.isCreation else { return }
        let finalizer: JSONValue =
            write.resource == .volumes
            ? "kubernetes.io/pv-protection" : "kubernetes.io/pvc-protection"
        write.object.changeOrAdd("metadata") { metadata in
            let present = metadata.list("finalizers")
            guard !present.contains(finalizer) else { return }
            metadata.put("finalizers", .array(present + [finalizer]))
        }
    }
}
