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
            throw .notFound(endpoint.qualifiedResource, name: namespace)
        }
        guard current.value[path: "metadata", "deletionTimestamp"] == nil else {
            throw .namespaceTerminating(target.resource, name: name, namespace: namespace)
        }
        return .unchanged(key, since: current.revision)
    }
}
