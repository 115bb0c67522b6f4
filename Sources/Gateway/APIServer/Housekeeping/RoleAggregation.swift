// Keeps aggregated cluster roles what their parts make of them.

import APIModel
import Access
import JSON
import Logging
import WatchCache

/// Writes the rules of cluster roles with an `aggregationRule`. Several gateways may do this at
/// once: they write the same.
struct RoleAggregation: Sendable {
    let environment: WriteEnvironment
    let clusterRoles: ResourceEndpoint
    let log: Logger
    private var aggregator: RoleAggregator

    init(_ environment: WriteEnvironment, _ clusterRoles: ResourceEndpoint, log: Logger) {
        self.environment = environment
        self.clusterRoles = clusterRoles
        self.log = log
        aggregator = RoleAggregator(clusterRoles.cache)
    }

    /// Runs until `changes` ends. Each element says that some cluster role has changed.
    mutating func run(_ changes: AsyncStream<Void>) async {
        var iterator = changes.makeAsyncIterator()
        repeat { await settle() } while await iterator.next() != nil
    }

    /// Writes until nothing is outdated: a role that is taken in may be aggregated itself.
    mutating func settle() async {
        for _ in 0..<Limits.aggregationCountMax {
            guard let change = aggregator.nextOutdated() else { return }
            guard await write(change) else { return }
        }
    }

    /// - Returns: whether it is written, or needs no more to be.
    private func write(_ change: RoleAggregator.Change) async -> Bool {
        let target = WriteTarget(
            endpoint: clusterRoles, namespace: nil, name: change.name, subresource: nil)
        do {
            _ = try await ObjectUpdate(
                environment: environment, request: environment.request(target),
                change: { current throws(APIStatus) in
                    var role = current.value
                    role["rules"] = change.rules.isEmpty ? nil : .array(change.rules.map(\.json))
                    return (role, [])
                }
            ).run()
            return true
        } catch {
            if error.reason == .notFound { return true }
            log.warning("the cluster role \(change.name) could not be put together: \(error)")
            return false
        }
    }
}

extension Gateway {
    /// Makes the roles that every cluster has, and puts the aggregated ones together.
    func makeDefaultRoles() async throws(APIStatus) {
        let plurals = ["roles", "clusterroles", "rolebindings", "clusterrolebindings"]
        let endpoints = Dictionary(
            uniqueKeysWithValues: plurals.map { ($0, table.required($0, in: .roles)) })
        try await RoleBootstrap(environment: writer.environment, endpoints: endpoints).run()
        var aggregation = roleAggregation
        await aggregation.settle()
    }

    /// Keeps aggregated roles up to date from now on.
    func startRoleAggregation() {
        guard let services = services.values.first else { return }
        let (changes, continuation) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let aggregation = roleAggregation
        services.signalChanges(of: aggregation.clusterRoles.cache, continuation)
        Task {
            var aggregation = aggregation
            await aggregation.run(changes)
        }
    }

    private var roleAggregation: RoleAggregation {
        RoleAggregation(
            writer.environment, table.required("clusterroles", in: .roles), log: log)
    }
}
