import APIModel
import Access
import Buffers
import JSON
import Resources
import Storage
import WatchCache

/// The service account for pods that name none. Each namespace has one; a pod that comes before it
/// does not wait for it.
struct DefaultAccount {
    let environment: WriteEnvironment

    static let name = "default"

    /// Makes the account of `namespace` when it is missing. Several gateways may do this at once.
    func supply(_ accounts: ResourceEndpoint, _ namespace: String) async throws(APIStatus) {
        guard isMissing(accounts, namespace) else { return }
        let object: JSONValue = ["metadata": ["name": .string(Self.name)]]
        let isNew = try await environment.createUnlessPresent(object, accounts, in: namespace)
        // What somebody else has just made must be seen here, too.
        if !isNew { try await environment.catchUp() }
    }

    /// Makes the account that a new pod needs, when it is missing.
    /// - Throws: why there can be no new pod in its namespace.
    func prepare(for request: WriteRequest, _ object: JSONValue) async throws(APIStatus) {
        guard let accounts = environment.accounts, let namespace = request.target.namespace,
            request.target.resource == Self.pods, request.target.subresource == nil,
            isMissing(accounts, namespace)
        else { return }
        _ = try NamespaceGuard(environment: environment).condition(
            for: request.target, name: object.metadataName ?? "")
        try await supply(accounts, namespace)
    }

    private func isMissing(_ accounts: ResourceEndpoint, _ namespace: String) -> Bool {
        let key = Key(accounts.key(namespace: Bytes(namespace), name: Bytes(Self.name)))
        return accounts.cache.snapshot().object(key) == nil
    }

    private static let pods = GroupResource(group: "", resource: "pods")
}
