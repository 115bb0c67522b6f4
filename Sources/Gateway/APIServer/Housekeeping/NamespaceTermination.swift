// Deleting a namespace deletes what is in it, and then the namespace.

import APIModel
import Buffers
import EventLoops
import JSON
import Logging
import Resources
import Storage
import WatchCache

/// Empties the namespaces that are being terminated, and lets them go. Several gateways may do this
/// at once: each step is a transaction of its own.
struct NamespaceTermination: Sendable {
    let environment: WriteEnvironment
    /// Every namespaced resource.
    let endpoints: [ResourceEndpoint]
    let log: Logger

    /// Runs until the task is cancelled.
    func run() async {
        var seen = Revision.zero
        var isWaiting = false
        while !Task.isCancelled {
            let snapshot = environment.namespaces.cache.snapshot()
            if snapshot.changedAt > seen || isWaiting {
                seen = snapshot.changedAt
                isWaiting = await terminate(endingNamespaces(in: snapshot))
            }
            await environment.namespaces.cache.waitForChange(
                after: seen, orAnyChangeAfter: isWaiting ? snapshot.revision : nil)
        }
    }

    private func endingNamespaces(in snapshot: Snapshot) -> [CurrentObject] {
        var ending: [CurrentObject] = []
        snapshot.forEach(in: .all, after: nil) { object in
            if let current = try? StoredForm(endpoint: environment.namespaces).decode(object),
                current.value[path: "metadata", "deletionTimestamp"] != nil
            {
                ending.append(current)
            }
            return true
        }
        return ending
    }

    /// - Returns: whether a namespace has objects left, which wait for finalizers or for their end.
    private func terminate(_ namespaces: [CurrentObject]) async -> Bool {
        var isWaiting = false
        for namespace in namespaces {
            let name = namespace.value.metadataName ?? ""
            do {
                try await empty(name)
                guard isEmpty(name) else {
                    isWaiting = true
                    continue
                }
                try await release(name)
            } catch {
                isWaiting = true
                log.warning("the namespace \(name) could not be terminated: \(error)")
            }
        }
        return isWaiting
    }

    private func empty(_ namespace: String) async throws(APIStatus) {
        for endpoint in endpoints {
            let range = endpoint.range(namespace: Bytes(namespace))
            guard endpoint.cache.snapshot().count(in: range) > 0 else { continue }
            _ = try await CollectionRemoval(environment: environment).run(
                request(WriteTarget(
                    endpoint: endpoint, namespace: namespace, name: nil, subresource: nil)),
                DeleteOptions(), filter: Filter(range: range))
        }
    }

    private func isEmpty(_ namespace: String) -> Bool {
        endpoints.allSatisfy {
            $0.cache.snapshot().count(in: $0.range(namespace: Bytes(namespace))) == 0
        }
    }

    /// Takes the finalizer off that has held the namespace until it was empty.
    private func release(_ namespace: String) async throws(APIStatus) {
        let target = WriteTarget(
            endpoint: environment.namespaces, namespace: nil, name: namespace,
            subresource: "finalize")
        do {
            try await Finalization(environment: environment).remove("kubernetes", request(target))
        } catch {
            guard error.reason == .notFound else { throw error }
        }
    }

    private func request(_ target: WriteTarget) -> WriteRequest {
        WriteRequest(
            target: target, options: WriteOptions(),
            body: RequestBody(bytes: .empty, contentType: nil), context: environment.context())
    }
}
