import APIModel
import Access
import JSON
import Resources
import WatchCache

/// Kubernetes' `DefaultStorageClass`: a claim that says nothing about its class gets the default
/// one, when there is one.
struct DefaultStorageClass: CachedPlugin {
    static let name = "DefaultStorageClass"
    static let resources: Set<GroupResource> = [.volumeClaims]

    private let classes: CachedKind

    init(_ cache: Cache) { classes = CachedKind("storage.k8s.io/storageclasses", cache) }

    /// An empty name asks for no class, and is left as it is.
    func admit(_ write: inout ProposedWrite) throws(APIStatus) {
        guard write.isCreation, !write.spec.has("storageClassName"),
            ObjectMeta(of: write.object).annotation(Self.olderMember) == nil,
            let name = classes.defaultClass(Self.marks)
        else { return }
        write.object.change("spec") { $0.put("storageClassName", .string(name)) }
    }

    /// Where the name stood before there was a member for it.
    private static let olderMember = "volume.beta.kubernetes.io/storage-class"
    private static let marks = [
        "storageclass.kubernetes.io/is-default-class",
        "storageclass.beta.kubernetes.io/is-default-class",
    ]
}

/// Kubernetes' `DefaultIngressClass`: the same for an Ingress.
struct DefaultIngressClass: CachedPlugin {
    static let name = "DefaultIngressClass"
    static let resources: Set<GroupResource> = [.ingresses]

    private let classes: CachedKind

    init(_ cache: Cache) { classes = CachedKind("networking.k8s.io/ingressclasses", cache) }

    func admit(_ write: inout ProposedWrite) throws(APIStatus) {
        guard write.isCreation, !write.spec.has("ingressClassName"),
            ObjectMeta(of: write.object).annotation(Self.olderMember) == nil,
            let name = classes.defaultClass([Self.mark])
        else { return }
        write.object.changeOrAdd("spec") { $0.put("ingressClassName", .string(name)) }
    }

    private static let olderMember = "kubernetes.io/ingress.class"
    private static let mark = "ingressclass.kubernetes.io/is-default-class"
}
