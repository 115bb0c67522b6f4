// What nodes may write, beyond what authorization can say (Kubernetes' admission plugin of the
// same name).

import APIModel
import JSON
import Storage
import WatchCache

/// Keeps nodes to their own Node, their own lease and the pods that are bound to them, and from
/// labels by which others decide what to trust them with.
public struct NodeRestriction: WriteCheck {
    /// The pod of that namespace and name, as the cache has it.
    private let pod: @Sendable (_ namespace: String, _ name: String) -> JSONValue?

    /// - Precondition: `cache` holds pods.
    public init(_ cache: Cache) {
        guard let pods = cache.resource("core/pods") else {
            preconditionFailure("the cache does not hold pods")
        }
        self.init { namespace, name in
            pods.snapshot().object(Key("core/pods/\(namespace)/\(name)"))?.value
        }
    }

    init(pod: @escaping @Sendable (String, String) -> JSONValue?) { self.pod = pod }

    public func check(_ write: ProposedWrite) throws(APIStatus) {
        guard let node = write.user.nodeName else { return }
        guard !node.isEmpty else {
            throw write.refused(
                "could not determine node from user \(write.user.name.quoted)")
        }
        switch write.resource.description {
        case "nodes": try NodeWriteRules(node: node, write: write).check()
        case "pods": try NodePodRules(node: node, write: write, pod: pod).check()
        case "leases.coordination.k8s.io": try checkLease(write, node)
        case "serviceaccounts":
            try NodeTokenRules(node: node, write: write, pod: pod).check()
        default: return
        }
    }

    private func checkLease(_ write: ProposedWrite, _ node: String) throws(APIStatus) {
        guard write.namespace == "kube-node-lease" else {
            throw write.refused(
                "can only access leases in the \"kube-node-lease\" system namespace")
        }
        guard write.objectName == node else {
            throw write.refused(
                "can only access node lease with the same name as the requesting node")
        }
    }
}

extension ProposedWrite {
    /// The name of the path, or of a new object.
    fileprivate var objectName: String {
        name.isEmpty ? object[path: "metadata", "name"]?.string ?? "" : name
    }
}

/// What a node may write of nodes.
private struct NodeWriteRules {
    let node: String
    let write: ProposedWrite

    func check() throws(APIStatus) {
        let name = write.objectName
        guard name == node else {
            throw write.refused(
                "node \(node.quoted) is not allowed to modify node \(name.quoted)")
        }
        switch write.operation {
        case .create: try checkLabels(changed(from: .null), "set the following labels")
        case .update:
            guard write.object[path: "spec", "taints"] == write.old[path: "spec", "taints"]
            else { throw write.refused("node \(node.quoted) is not allowed to modify taints") }
            // Whoever names an owner that is not there has the node collected as garbage.
            guard
                write.object[path: "metadata", "ownerReferences"] ?? []
                    == write.old[path: "metadata", "ownerReferences"] ?? []
            else {
                throw write.refused(
                    "node \(node.quoted) is not allowed to modify ownerReferences")
            }
            try checkLabels(changed(from: write.old), "modify labels")
        case .delete: return
        }
    }

    private func checkLabels(_ labels: [String], _ action: String) throws(APIStatus) {
        let forbidden = labels.filter { !Self.mayWrite($0) }.sorted()
        guard forbidden.isEmpty else {
            throw write.refused(
                "node \(node.quoted) is not allowed to \(action): "
                    + forbidden.joined(separator: ", "))
        }
    }

    /// The keys of labels that are added, changed or removed.
    private func changed(from old: JSONValue) -> [String] {
        let labels = write.object[path: "metadata", "labels"]?.object ?? JSONObject()
        let before = old[path: "metadata", "labels"]?.object ?? JSONObject()
        return labels.keys.filter { labels[$0] != before[$0] }
            + before.keys.filter { !labels.contains($0) }
    }

    /// Labels of Kubernetes' own domains are for others to set, but for those that say what a node
    /// is.
    private static func mayWrite(_ label: String) -> Bool {
        let domain = label.split(separator: "/", maxSplits: 1).first.map(String.init) ?? ""
        guard label.contains("/") else { return true }
        if known.contains(label) { return true }
        for open in ["kubelet.kubernetes.io", "node.kubernetes.io"]
        where domain == open || domain.hasSuffix("." + open) { return true }
        return !["kubernetes.io", "k8s.io"].contains { own in
            domain == own || domain.hasSuffix("." + own)
        }
    }

    private static let known: Set<String> = [
        "kubernetes.io/hostname", "kubernetes.io/os", "kubernetes.io/arch",
        "beta.kubernetes.io/os", "beta.kubernetes.io/arch", "beta.kubernetes.io/instance-type",
        "node.kubernetes.io/instance-type", "failure-domain.beta.kubernetes.io/zone",
        "failure-domain.beta.kubernetes.io/region", "failure-domain.kubernetes.io/zone",
        "failure-domain.kubernetes.io/region", "topology.kubernetes.io/zone",
        "topology.kubernetes.io/region",
    ]
}

/// What a node may write of pods.
private struct NodePodRules {
    let node: String
    let write: ProposedWrite
    let pod: (_ namespace: String, _ name: String) -> JSONValue?

    func check() throws(APIStatus) {
        switch (write.subresource, write.operation) {
        case ("", .create): try checkMirror()
        case ("", .delete):
            try require(write.old, "can only delete pods with spec.nodeName set to itself")
        case ("status", .update):
            try require(
                write.old,
                "can only update pod status for pods with spec.nodeName set to itself")
            let labels = write.old[path: "metadata", "labels"]
            guard write.object[path: "metadata", "labels"] == labels else {
                throw write.refused(
                    "node \(node.quoted) cannot update labels through pod status")
            }
        case ("eviction", .create):
            try require(
                pod(write.namespace, write.name) ?? .null,
                "can only evict pods with spec.nodeName set to itself")
        default:
            throw write.refused("unexpected operation \(write.operation.rawValue.quoted)")
        }
    }

    private func require(_ pod: JSONValue, _ problem: String) throws(APIStatus) {
        guard pod[path: "spec", "nodeName"]?.string == node else {
            throw write.refused("node \(node.quoted) \(problem)")
        }
    }

    /// A pod that stands for one which the node runs by itself: it must not give the node anything
    /// that it could not read before.
    private func checkMirror() throws(APIStatus) {
        let pod = write.object
        guard ObjectMeta(of: pod).annotation(Self.mirror) != nil else {
            throw write.refused(
                "pod does not have \(Self.mirror.quoted) annotation, node \(node.quoted) can "
                    + "only create mirror pods")
        }
        try require(pod, "can only create pods with spec.nodeName set to itself")
        try checkOwner(of: pod)
        var plain = pod
        plain["metadata"] = nil
        let account = pod[path: "spec", "serviceAccountName"]?.string ?? ""
        guard account.isEmpty else {
            throw write.refused(
                "node \(node.quoted) can not create pods that reference a service account")
        }
        let references = PodReferences(plain, in: write.namespace).objects
        for (kind, name) in [
            (ReferredObject.Kind.secret, "secrets"), (.configMap, "configmaps"),
            (.claim, "persistentvolumeclaims"),
        ] where references.contains(where: { $0.kind == kind }) {
            throw write.refused(
                "node \(node.quoted) can not create pods that reference \(name)")
        }
    }

    private func checkOwner(of pod: JSONValue) throws(APIStatus) {
        let owners = ObjectMeta(of: pod).ownerReferences
        guard owners.count <= 1 else {
            throw write.refused(
                "node \(node.quoted) can only create pods with a single owner reference set to "
                    + "itself")
        }
        guard let owner = owners.first else { return }
        guard owner.apiVersion == "v1", owner.kind == "Node", owner.name == node else {
            throw write.refused(
                "node \(node.quoted) can only create pods with an owner reference set to itself")
        }
        guard owner.isController, !owner.blocksOwnerDeletion else {
            throw write.refused(
                "node \(node.quoted) can only create pods with a controller owner reference set "
                    + "to itself that does not block its deletion")
        }
    }

    private static let mirror = "kubernetes.io/config.mirror"
}
