// For which pods a node may ask for tokens.

import APIModel
import JSON

/// What a node may ask for of service accounts: tokens that end with one of its own pods.
struct NodeTokenRules {
    let node: String
    let write: ProposedWrite
    let pod: (_ namespace: String, _ name: String) -> JSONValue?

    /// - Throws: 403, and 404 when there is no such pod.
    func check() throws(APIStatus) {
        guard write.subresource == "token", write.operation == .create else { return }
        let reference = write.object[path: "spec", "boundObjectRef"] ?? .null
        let name = reference["name"]?.string ?? ""
        guard reference["kind"]?.string == "Pod", reference["apiVersion"]?.string == "v1",
            !name.isEmpty
        else { throw write.refused("node requested token not bound to a pod") }
        let uid = reference["uid"]?.string ?? ""
        guard !uid.isEmpty else {
            throw write.refused("node requested token with a pod binding without a uid")
        }
        guard let pod = pod(write.namespace, name) else {
            throw .notFound(GroupResource(group: "", resource: "pods"), name)
        }
        guard ObjectMeta(of: pod).uid == uid else {
            throw write.refused(
                "the UID in the bound object reference (\(uid)) does not match the UID in "
                    + "record. The object might have been deleted and then recreated")
        }
        // Authorization knows only that one of the node's pods uses the account.
        guard pod[path: "spec", "nodeName"]?.string == node else {
            throw write.refused("node requested token bound to a pod scheduled on a different node")
        }
        try checkAudience(of: pod)
    }

    /// Besides this API only those whom the pod wants to show its token to.
    private func checkAudience(of pod: JSONValue) throws(APIStatus) {
        let audiences = (write.object[path: "spec", "audiences"]?.array ?? []).compactMap(\.string)
        guard audiences.count <= 1 else {
            throw write.refused("node may only request 0 or 1 audiences")
        }
        guard let audience = audiences.first, !audience.isEmpty else { return }
        let isWanted = Self.projectedTokens(of: pod).contains {
            $0["audience"]?.string == audience
        }
        guard isWanted else {
            throw write.refused("audience \(audience.quoted) not found in pod spec volume")
        }
    }

    private static func projectedTokens(of pod: JSONValue) -> [JSONValue] {
        (pod[path: "spec", "volumes"]?.array ?? []).flatMap { volume in
            (volume[path: "projected", "sources"]?.array ?? []).compactMap {
                $0["serviceAccountToken"]
            }
        }
    }
}
