import APIModel
import Buffers
import JSON
import Storage
import WatchCache

/// Lets objects into namespaces that exist and are not being terminated.
struct NamespaceGuard {
    let environment: WriteEnvironment

    /// What must hold at the commit, so that no object slips into a namespace that ends meanwhile.
    /// - Throws: 404 when there is no such namespace, 403 when it is being terminated.
    func condition(for target: WriteTarget, name: String) throws(APIStatus) -> Comparison? {
        guard let namespace = target.namespace else { return nil }
        let endpoint = environment.namespaces
        let key = Key(endpoint.key(namespace: nil, name: Bytes(namespace)))
        guard let current = try environment.current(key, endpoint) else {
            throw .notFound(endpoint.qualifiedResource, namespace)
        }
        guard current.value[path: "metadata", "deletionTimestamp"] == nil else {
            throw Self.terminating(target.resource, name, namespace)
        }
        return .unchanged(key, since: current.revision)
    }

    private static func terminating(
        _ resource: GroupResource, _ name: String, _ namespace: String
    ) -> APIStatus {
        var status = APIStatus.forbidden(
            resource, name,
            problem: "unable to create new content in namespace \(namespace) because it is being "
                + "terminated")
        status.details?.causes = [
            APIStatus.Cause(
                reason: "NamespaceTerminating",
                message: "namespace \(namespace) is being terminated", field: "metadata.namespace")
        ]
        return status
    }
}
