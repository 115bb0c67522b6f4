// What every cluster has from its first moment.

import APIModel
import Admission
import Buffers
import JSON
import Resources

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
        let target = WriteTarget(
            endpoint: endpoint, namespace: nil, name: nil, subresource: nil)
        do {
            _ = try await Creation(environment: environment).run(
                environment.request(target, object.bytes))
        } catch {
            guard error.reason == .alreadyExists else { throw error }
        }
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
}
