// The roles and bindings that every cluster has.

import APIModel
import Access
import Buffers
import JSON
import Resources
import Storage

/// Makes what is missing of the policy, and completes what is there.
struct RoleBootstrap: Sendable {
    let environment: WriteEnvironment
    /// By plural.
    let endpoints: [String: ResourceEndpoint]

    /// Writes nothing when nothing is missing.
    func run() async throws(APIStatus) {
        try await reconcile(BootstrapObject.policy.filter { $0.resource.hasSuffix("roles") })
        try await reconcile(BootstrapObject.policy.filter { $0.resource.hasSuffix("bindings") })
    }

    /// At once, so that the store takes many in one step.
    private func reconcile(_ objects: [BootstrapObject]) async throws(APIStatus) {
        let refusals = await withTaskGroup(of: APIStatus?.self) { group in
            for object in objects { group.addTask { await reconcile(object) } }
            return await group.reduce(into: [APIStatus]()) { refusals, refusal in
                if let refusal { refusals.append(refusal) }
            }
        }
        if let first = refusals.first { throw first }
    }

    private func reconcile(_ object: BootstrapObject) async -> APIStatus? {
        do {
            try await settle(object)
            return nil
        } catch {
            return error
        }
    }

    private func settle(_ object: BootstrapObject) async throws(APIStatus) {
        guard let endpoint = endpoints[object.resource] else {
            preconditionFailure("\(object.resource) are not served")
        }
        let namespace = object.namespace.isEmpty ? nil : object.namespace
        let key = Key(
            endpoint.key(namespace: namespace.map { Bytes($0) }, name: Bytes(object.name)))
        let named = WriteTarget(
            endpoint: endpoint, namespace: namespace, name: object.name, subresource: nil)
        guard let present = try environment.current(key, endpoint) else {
            return try await create(object, endpoint)
        }
        if object.needsReplacing(present.value) {
            _ = try await Removal(environment: environment).run(
                environment.request(named), DeleteOptions())
            return try await create(object, endpoint)
        }
        guard object.completing(present.value) != present.value else { return }
        _ = try await ObjectUpdate(
            environment: environment, request: environment.request(named),
            change: { current throws(APIStatus) in (object.completing(current.value), []) }
        ).run()
    }

    private func create(
        _ object: BootstrapObject, _ endpoint: ResourceEndpoint
    ) async throws(APIStatus) {
        try await environment.createUnlessPresent(
            object.object, endpoint, in: object.namespace.isEmpty ? nil : object.namespace)
    }
}
