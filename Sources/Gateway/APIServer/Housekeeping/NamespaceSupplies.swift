// What each namespace has from its beginning: a service account, and the server's authority.

import APIModel
import Access
import Buffers
import JSON
import Logging
import Resources
import Storage
import WatchCache

/// Makes the service account `default` and the ConfigMap `kube-root-ca.crt` in each namespace that
/// is not being deleted, also after somebody has deleted or changed them. Several gateways may do
/// this at once: they write the same.
struct NamespaceSupplies: Sendable {
    let environment: WriteEnvironment
    let accounts: ResourceEndpoint
    let configMaps: ResourceEndpoint
    /// In PEM; `nil` when there is nothing to tell.
    let authority: Bytes?
    let log: Logger

    static let authorityName = "kube-root-ca.crt"

    /// Runs until `changes` ends. Each element says that a namespace, or what it was supplied with,
    /// has changed.
    func run(_ changes: AsyncStream<Void>) async {
        var iterator = changes.makeAsyncIterator()
        repeat { await supply() } while await iterator.next() != nil
    }

    /// Writes nothing when nothing is missing.
    func supply() async {
        for namespace in livingNamespaces() {
            do {
                try await DefaultAccount(environment: environment).supply(accounts, namespace)
                try await supplyAuthority(namespace)
            } catch {
                // It may have been deleted meanwhile.
                log.debug("the namespace \(namespace) was not supplied: \(error)")
            }
        }
    }

    private func livingNamespaces() -> [String] {
        var names: [String] = []
        let endpoint = environment.namespaces
        endpoint.cache.snapshot().forEach(in: endpoint.cache.keyRange) { object in
            if !object.isBeingDeleted { names.append(object.name.description) }
            return true
        }
        return names
    }

    private func present(
        _ name: String, _ namespace: String, _ endpoint: ResourceEndpoint
    ) -> CachedObject? {
        endpoint.cache.snapshot().object(
            Key(endpoint.key(namespace: Bytes(namespace), name: Bytes(name))))
    }

    private func supplyAuthority(_ namespace: String) async throws(APIStatus) {
        guard let authority else { return }
        let data: JSONValue = ["ca.crt": .string(String(authority))]
        guard let present = present(Self.authorityName, namespace, configMaps) else {
            let metadata: JSONValue = [
                "name": .string(Self.authorityName),
                "annotations": ["kubernetes.io/description": .string(Self.description)],
            ]
            try await environment.createUnlessPresent(
                ["metadata": metadata, "data": data], configMaps, in: namespace)
            return
        }
        let current = try StoredForm(endpoint: configMaps).decode(present)
        guard current.value["data"] != data else { return }
        let target = WriteTarget(
            endpoint: configMaps, namespace: namespace, name: Self.authorityName, subresource: nil)
        _ = try await ObjectUpdate(
            environment: environment, request: environment.request(target),
            change: { current throws(APIStatus) in
                var map = current.value
                map["data"] = data
                return (map, [])
            }
        ).run()
    }

    private static let description =
        "Whoever reaches this server by HTTPS can check its certificate with this one."
}

extension Gateway {
    /// Supplies every namespace, and from now on those that are made.
    func startNamespaceSupplies(_ authority: Bytes?) async {
        guard let services = services.values.first else { return }
        let supplies = NamespaceSupplies(
            environment: writer.environment, accounts: table.required("serviceaccounts", in: .core),
            configMaps: table.required("configmaps", in: .core), authority: authority, log: log)
        let (changes, continuation) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        services.signalChanges(of: writer.environment.namespaces.cache, continuation)
        services.signalChanges(
            of: supplies.accounts.cache, continuation,
            only: Selection(name: DefaultAccount.name))
        if authority != nil {
            services.signalChanges(
                of: supplies.configMaps.cache, continuation,
                only: Selection(name: NamespaceSupplies.authorityName))
        }
        await supplies.supply()
        Task { await supplies.run(changes) }
    }
}
