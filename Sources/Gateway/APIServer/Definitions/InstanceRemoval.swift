// A definition goes when its objects have gone.

import APIModel
import JSON
import Logging
import Resources
import Storage
import WatchCache

/// Deletes the objects of a definition that is to go, and lets it go. Several gateways may do this
/// at once: each step is a transaction of its own.
struct InstanceRemoval: Sendable {
    let environment: WriteEnvironment
    let definitions: ResourceEndpoint
    let log: Logger

    /// - Parameter endpoint: where the objects are; `nil` when there are none.
    /// - Returns: whether the definition has been let go.
    func run(_ definition: CustomDefinition, _ endpoint: ResourceEndpoint?) async -> Bool {
        do {
            if let endpoint {
                try await removeAll(endpoint)
                let left = endpoint.kept.snapshot().count(in: endpoint.kept.keyRange)
                guard left == 0 else { return false }
            }
            try await release(definition)
            return true
        } catch {
            log.warning("the objects of \(definition.meta.name) could not be deleted: \(error)")
            return false
        }
    }

    private func removeAll(_ endpoint: ResourceEndpoint) async throws(APIStatus) {
        let target = WriteTarget(
            endpoint: endpoint, namespace: nil, name: nil, subresource: nil)
        _ = try await CollectionRemoval(environment: environment).run(
            environment.request(target), DeleteOptions(),
            filter: endpoint.cache.filter(Selection()))
    }

    private func release(_ definition: CustomDefinition) async throws(APIStatus) {
        let target = WriteTarget(
            endpoint: definitions, namespace: nil, name: definition.meta.name, subresource: nil)
        do {
            _ = try await ObjectUpdate(
                environment: environment, request: environment.request(target),
                change: { current throws(APIStatus) in
                    var object = current.value
                    let rest = ObjectMeta(of: object).finalizers.filter {
                        $0 != CustomDefinition.cleanupFinalizer
                    }
                    object.setMetadata(
                        "finalizers", rest.isEmpty ? nil : .array(rest.map { .string($0) }))
                    object.setMetadata("resourceVersion", nil)
                    return (object, [])
                }
            ).run()
        } catch {
            guard error.reason == .notFound else { throw error }
        }
    }
}
