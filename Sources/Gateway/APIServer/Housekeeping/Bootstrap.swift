// What every cluster has from its first moment.

import APIModel
import Buffers
import JSON
import Logging
import Resources
import Storage

struct Bootstrap {
    let environment: WriteEnvironment

    /// Creates the namespaces that clients expect, as far as they are missing.
    func run() async throws(APIStatus) {
        for name in Self.namespaces where try !isThere(name) {
            do {
                _ = try await Creation(environment: environment).run(creation(of: name))
            } catch {
                guard error.reason == .alreadyExists else { throw error }
            }
        }
    }

    private func isThere(_ name: String) throws(APIStatus) -> Bool {
        let key = environment.namespaces.key(namespace: nil, name: Bytes(name))
        return try environment.current(Key(key), environment.namespaces) != nil
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

extension Gateway {
    /// Makes what every cluster has. When the store that others write to is out of reach, they have
    /// made it as a rule, and a gateway serves what it knows: this goes on beside the requests.
    func makeDefaultsOrBegin() async throws(APIStatus) {
        do throws(APIStatus) {
            try await makeDefaults()
        } catch {
            guard contact != nil, error.code == 503 || error.code == 504 else { throw error }
            log.warning("the default namespaces and roles are looked after later: \(error)")
            Task { await keepMakingDefaults() }
        }
    }

    private func makeDefaults() async throws(APIStatus) {
        try await Bootstrap(environment: writer.environment).run()
        // Before they are there, those who may do something would be told that they may not.
        if makesDefaultRoles { try await makeDefaultRoles() }
    }

    private func keepMakingDefaults() async {
        while !hasBegunToStop {
            try? await Task.sleep(for: Limits.bootstrapInterval)
            do throws(APIStatus) {
                try await contact?.confirm()
                return try await makeDefaults()
            } catch {
                log.debug("the default namespaces and roles have to wait: \(error)")
            }
        }
    }
}
