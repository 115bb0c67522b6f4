// POST of a Binding to its namespace's `bindings`: the older way to give a pod its node.

import APIModel
import Access
import Buffers
import JSON
import Resources
import Schema
import Synchronization

/// Answers what is posted to `bindings` as if it were posted to the `binding` of the pod that it
/// names.
final class PodBinder: VirtualHandler {
    private struct Surroundings: Sendable {
        let environment: WriteEnvironment
        let pods: ResourceEndpoint
    }

    private let surroundings = Mutex<Surroundings?>(nil)

    /// Binds pods of this endpoint from now on. The routes, which need a binder, come first.
    func bind(_ pods: ResourceEndpoint, in environment: WriteEnvironment) {
        surroundings.withLock { $0 = Surroundings(environment: environment, pods: pods) }
    }

    /// - Throws: 400 when the binding names no pod, and as `Binding.run`.
    func answer(_ request: VirtualRequest) async throws(APIStatus) -> JSONValue {
        guard let surroundings = surroundings.withLock({ $0 }) else {
            preconditionFailure("a request came before the server was put together")
        }
        guard let name = request.object.metadataName else {
            throw .badRequest("the binding must name its pod in metadata.name")
        }
        let environment = surroundings.environment
        let target = WriteTarget(
            endpoint: surroundings.pods, namespace: request.namespace, name: name,
            subresource: "binding")
        _ = try await Binding(environment: environment).run(
            environment.request(target, request.object.bytes).made(by: request.user))
        return try success()
    }

    private func success() throws(APIStatus) -> JSONValue {
        do {
            return try JSONValue(parsing: APIStatus.success(code: 201).bytes)
        } catch {
            throw .internalError("\(error)")
        }
    }
}
