// What every cluster has from its first moment.

import APIModel
import Admission
import Buffers
import JSON
import Logging
import Resources
import Storage

struct Bootstrap {
    let environment: WriteEnvironment

    /// Creates the namespaces that clients expect, as far as they are missing.
    func run() async throws(APIStatus) {
        for name in Self.namespaces {
            try await make(["metadata": ["name": .string(name)]], environment.namespaces)
        }
    }

    /// Creates an object that is in no namespace, unless it is there.
    func make(_ object: JSONValue, _ endpoint: ResourceEndpoint) async throws(APIStatus) {
        let name = object.metadataName ?? ""
        let key = Key(endpoint.key(namespace: nil, name: Bytes(name)))
        guard try environment.current(key, endpoint) == nil else { return }
        try await environment.createUnlessPresent(object, endpoint)
    }

    /// Kubernetes' own: for users, for the system, for what everyone may read, for nodes' leases.
    private static let namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"]
}

extension Gateway {
    /// Makes the priorities that every cluster has.
    func makeSystemPriorities() async throws(APIStatus) {
        let classes = table.required("priorityclasses", in: .scheduling)
        for object in SystemPriorities.objects {
            try await Bootstrap(environment: writer.environment).make(object, classes)
        }
    }

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
        if makesDefaultRoles {
            try await makeDefaultRoles()
            try await makeSystemPriorities()
        }
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
