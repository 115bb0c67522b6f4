// Nodes may do what running their own pods takes (Kubernetes: "Using Node Authorization").

import APIModel
import WatchCache

/// Decides about users that are nodes. It never rules anything out.
public struct NodeAuthorizer: Authorizer {
    private let graph: NodeGraph
    /// What nodes may do that is not tied to their own objects.
    private let common = GrantTable([BootstrapObject.nodeRules])

    /// - Precondition: `cache` holds pods, which can be selected by `spec.nodeName`.
    public init(_ cache: Cache) { graph = NodeGraph(cache) }

    init(_ graph: NodeGraph) { self.graph = graph }

    public func rules(for user: User, in namespace: String) -> ResolvedRules {
        guard user.nodeName != nil else { return ResolvedRules() }
        return ResolvedRules(
            errors: ["node authorizer does not support user rule resolution"], isIncomplete: true)
    }

    public func decide(_ attributes: AccessAttributes) -> AccessDecision {
        guard let node = attributes.user.nodeName else { return .noOpinion(reason: "") }
        guard !node.isEmpty else {
            return .noOpinion(reason: "unknown node for user \(attributes.user.name.quoted)")
        }
        guard
            case .resource(let group, _, let resource, let subresource, let space, let name) =
                attributes.subject
        else { return .noOpinion(reason: "") }
        let request = NodeRequest(
            node: node, verb: attributes.verb, subresource: subresource, namespace: space,
            name: name, fields: attributes.selectedFields, graph: graph)
        switch GroupResource(group: group, resource: resource).description {
        case "secrets": return request.reading(.secret)
        case "configmaps": return request.reading(.configMap)
        case "persistentvolumeclaims": return request.claim
        case "serviceaccounts": return request.serviceAccount
        case "leases.coordination.k8s.io": return request.lease
        case "nodes": return request.ownNode
        case "pods": return request.pod
        default:
            let isAllowed = common.source(allowing: AccessQuery(attributes)) != nil
            return isAllowed ? .allowed(reason: "") : .noOpinion(reason: "")
        }
    }
}

/// A node's request for a resource of which it has its own part.
private struct NodeRequest {
    let node: String
    let verb: String
    let subresource: String
    let namespace: String
    let name: String
    let fields: [String: String]
    let graph: NodeGraph

    private static let allowed = AccessDecision.allowed(reason: "")
    private static let readingVerbs: Set<String> = ["get", "list", "watch"]

    private func refused(_ reason: String) -> AccessDecision { .noOpinion(reason: reason) }

    /// An object that its pods refer to, one at a time.
    func reading(_ kind: ReferredObject.Kind) -> AccessDecision {
        guard Self.readingVerbs.contains(verb) else {
            return refused("can only read resources of this type")
        }
        guard subresource.isEmpty else { return refused("cannot read subresource") }
        guard !namespace.isEmpty else {
            return refused("can only read namespaced object of this type")
        }
        return related(kind)
    }

    private func related(_ kind: ReferredObject.Kind) -> AccessDecision {
        guard !name.isEmpty else { return refused("No Object name found") }
        let object = ReferredObject(kind: kind, namespace: namespace, name: name)
        return graph.refers(node, to: object) ? Self.allowed : refused(unrelated)
    }

    private var unrelated: String {
        "no relationship found between node '\(node)' and this object"
    }

    var claim: AccessDecision {
        switch subresource {
        case "":
            return verb == "get"
                ? related(.claim)
                : refused(
                    "can only get individual resources "
                        + "of this type")
        case "status":
            let verbs: Set = ["get", "update", "patch"]
            return verbs.contains(verb)
                ? related(.claim) : refused("can only get/update/patch this type")
        default: return refused("can only access this subresource: status")
        }
    }

    /// A token for a pod's service account; and the account itself, for the keys that credential
    /// providers look for.
    var serviceAccount: AccessDecision {
        switch (subresource, verb) {
        case ("token", "create"), ("", "get"): return related(.serviceAccount)
        default: return refused("can only create tokens for individual service accounts")
        }
    }

    var lease: AccessDecision {
        guard ["get", "create", "update", "patch", "delete"].contains(verb) else {
            return refused("can only get, create, update, patch, or delete a node lease")
        }
        guard namespace == "kube-node-lease" else {
            return refused(
                "can only access leases in the \"kube-node-lease\" system namespace")
        }
        // The name of a new lease is checked when it is written.
        guard verb == "create" || name == node else {
            return refused("can only access node lease with the same name as the requesting node")
        }
        return Self.allowed
    }

    var ownNode: AccessDecision {
        switch (subresource, verb) {
        case ("", "create"), ("", "update"), ("", "patch"), ("status", "update"),
            ("status", "patch"):
            return Self.allowed
        case ("", "get"), ("", "list"), ("", "watch"):
            if name == node { return Self.allowed }
            return refused(
                name.isEmpty
                    ? "node '\(node)' cannot read all nodes, only its own Node object"
                    : "node '\(node)' cannot read '\(name)', only its own Node object")
        default: return refused("")
        }
    }

    var pod: AccessDecision {
        switch (subresource, verb) {
        case ("", "create"), ("", "delete"), ("status", "update"), ("status", "patch"),
            ("eviction", "create"):
            return Self.allowed
        case ("", "get"):
            let isOwn = graph.isBound((namespace: namespace, name: name), to: node)
            return isOwn ? Self.allowed : refused(unrelated)
        case ("", "list"), ("", "watch"):
            if fields["spec.nodeName"] == node { return Self.allowed }
            let isOwn =
                !name.isEmpty
                && graph.isBound((namespace: namespace, name: name), to: node)
            return isOwn
                ? Self.allowed
                : refused("can only list/watch pods with spec.nodeName field selector")
        default: return refused("")
        }
    }
}
