// Deleting a namespace deletes what is in it, and then the namespace.

import APIModel
import Buffers
import JSON
import Logging
import Resources
import Schema
import Storage
import WatchCache

/// Empties the namespaces that are being terminated, and lets them go. Several gateways may do this
/// at once: each step is a transaction of its own.
struct NamespaceTermination: Sendable {
    let environment: WriteEnvironment
    let kinds: ServedKinds
    let log: Logger

    /// Every namespaced resource.
    private var endpoints: [ResourceEndpoint] {
        kinds.state.table.storageEndpoints.filter(\.definition.isNamespaced)
    }

    /// Runs until `changes` ends. Each element says that some namespace has changed.
    func run(_ changes: AsyncStream<Void>) async {
        var iterator = changes.makeAsyncIterator()
        repeat {
            while await terminate(endingNamespaces()) {
                // What is left waits for finalizers, or for its end: any write may be that.
                let next = environment.cache.appliedRevision.next
                guard await environment.cache.waitUntilApplied(next) else { return }
            }
        } while await iterator.next() != nil
    }

    private func endingNamespaces() -> [String] {
        var ending: [String] = []
        let endpoint = environment.namespaces
        endpoint.cache.snapshot().forEach(in: endpoint.cache.keyRange) { object in
            if let current = try? StoredForm(endpoint: endpoint).decode(object),
                ObjectMeta(of: current.value).isBeingDeleted
            {
                ending.append(object.name.description)
            }
            return true
        }
        return ending
    }

    /// - Returns: whether a namespace has objects left.
    private func terminate(_ namespaces: [String]) async -> Bool {
        var isWaiting = false
        for namespace in namespaces {
            do {
                try await empty(namespace)
                if isEmpty(namespace) {
                    try await release(namespace)
                } else {
                    isWaiting = true
                }
            } catch {
                isWaiting = true
                log.warning("the namespace \(namespace) could not be emptied: \(error)")
            }
        }
        return isWaiting
    }

    private func empty(_ namespace: String) async throws(APIStatus) {
        for endpoint in endpoints {
            let filter = endpoint.cache.filter(Selection(namespace: namespace))
            guard endpoint.kept.snapshot().count(in: filter.range) > 0 else { continue }
            let target = WriteTarget(
                endpoint: endpoint, namespace: namespace, name: nil, subresource: nil)
            var options = DeleteOptions()
            options.propagation = .background
            _ = try await CollectionRemoval(environment: environment).run(
                environment.request(target), options, filter: filter)
        }
    }

    private func isEmpty(_ namespace: String) -> Bool {
        endpoints.allSatisfy {
            $0.kept.snapshot().count(in: $0.range(namespace: Bytes(namespace))) == 0
        }
    }

    /// Takes off the finalizer that has held the namespace until it was empty.
    private func release(_ namespace: String) async throws(APIStatus) {
        let target = WriteTarget(
            endpoint: environment.namespaces, namespace: nil, name: namespace,
            subresource: "finalize")
        do {
            let request = environment.request(target)
            try await Finalization(environment: environment).remove("kubernetes", request)
        } catch {
            guard error.reason == .notFound else { throw error }
        }
    }
}

extension Gateway {
    /// Empties namespaces from now on that are being deleted.
    func startNamespaceTermination() {
        guard let services = services.values.first else { return }
        let namespaces = writer.environment.namespaces
        let termination = NamespaceTermination(
            environment: writer.environment, kinds: kinds, log: log)
        let (changes, continuation) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        services.signalChanges(of: namespaces.cache, continuation)
        Task { await termination.run(changes) }
    }
}

/// Says that something in a resource has changed, and nothing more.
final class ChangeSignal: WatchSink {
    private let continuation: AsyncStream<Void>.Continuation

    init(_ continuation: AsyncStream<Void>.Continuation) { self.continuation = continuation }

    func deliver(_ frames: [Bytes], through: Revision) -> SinkState {
        continuation.yield()
        return .ready
    }

    func end(_ reason: WatchEnd) { continuation.finish() }
}
