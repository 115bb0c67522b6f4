import APIModel
import Access
import Buffers
import JSON
import Resources
import Schema
import Storage
import WatchCache

/// Finds objects by their keys, and owners by what their dependents say of them.
struct OwnerDirectory: Sendable {
    private var endpointsByName: [String: ResourceEndpoint] = [:]
    private var endpointsByKind: [GroupKind: ResourceEndpoint] = [:]

    init(_ table: RoutingTable) {
        for endpoint in table.endpoints {
            endpointsByKind[endpoint.definition.groupKind] = endpoint
        }
        for endpoint in table.storageEndpoints {
            endpointsByName[endpoint.kept.description.name] = endpoint
        }
    }

    /// An object of the store, where it is.
    struct Found: Sendable {
        let endpoint: ResourceEndpoint
        let current: CurrentObject
        let namespace: String?
        let name: String

        var meta: ObjectMeta { ObjectMeta(of: current.value) }

        func target(subresource: String? = nil) -> WriteTarget {
            WriteTarget(
                endpoint: endpoint, namespace: namespace, name: name, subresource: subresource)
        }
    }

    /// The object as the cache has it; `nil` when it is gone, or its kind is.
    func object(_ key: Key) throws(APIStatus) -> Found? {
        let segments = key.description.split(separator: "/", maxSplits: 2)
        guard segments.count == 3,
            let endpoint = endpointsByName["\(segments[0])/\(segments[1])"],
            let object = endpoint.kept.snapshot().object(key)
        else { return nil }
        let isNamespaced = endpoint.definition.isNamespaced
        return Found(
            endpoint: endpoint, current: try StoredForm(endpoint: endpoint).decode(object),
            namespace: isNamespaced ? object.namespace.description : nil,
            name: object.name.description)
    }

    /// How the owner of an object in `namespace` is. One whose kind is not served here is not
    /// judged, and neither is one in a namespace of an object that is in none.
    func state(
        of owner: OwnerReference, in namespace: String?
    ) -> DependentVerdict.OwnerState {
        guard let groupVersion = GroupVersion(owner.apiVersion),
            let endpoint = endpointsByKind[groupVersion.kind(owner.kind).groupKind]
        else { return .present }
        let isNamespaced = endpoint.definition.isNamespaced
        if isNamespaced, namespace == nil { return .present }
        let key = Key(
            endpoint.key(
                namespace: isNamespaced ? namespace.map { Bytes($0) } : nil,
                name: Bytes(owner.name)))
        guard let object = endpoint.kept.snapshot().object(key),
            object.uid == Bytes(owner.uid)
        else { return .absent }
        guard owner.blocksOwnerDeletion, object.isBeingDeleted,
            ObjectMeta(of: object.value).isHeld(by: .foreground)
        else { return .present }
        return .waiting
    }
}

extension ObjectMeta {
    /// Whether the object is deleted and waits for its dependents in this way.
    func isHeld(by finalizer: DependentFinalizer) -> Bool {
        isBeingDeleted && finalizers.contains(finalizer.rawValue)
    }
}
