// What every cluster has from its first moment.

import APIModel
import Buffers
import JSON
import Resources

struct Bootstrap {
    let environment: WriteEnvironment

    /// Creates the namespaces that clients expect, as far as they are missing.
    func run() async throws(APIStatus) {
        for name in Self.namespaces {
            do {
                _ = try await Creation(environment: environment).run(creation(of: name))
            } catch {
                guard error.reason == .alreadyExists else { throw error }
            }
        }
    }

    private func creation(of name: String) -> WriteRequest {
        let namespace: JSONValue = ["metadata": ["name": .string(name)]]
        return environment.request(
            WriteTarget(
                endpoint: environment.namespaces, namespace: nil, name: nil, subresource: nil),
            namespace.bytes)
    }

    /// Kubernetes' own: for users, for the system, for what everyone may read, for nodes' leases.
    private static let namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"]
}
