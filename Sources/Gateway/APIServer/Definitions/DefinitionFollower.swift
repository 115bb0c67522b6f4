// Follows the definitions of custom resources, and serves what they define.

import APIModel
import Buffers
import JSON
import Logging
import Outbound
import Resources
import Schema
import Storage
import WatchCache

/// Makes what is served equal to what the definitions in the cache say, also when another gateway
/// wrote them. Every gateway does this for itself; what it writes, any of them may write.
struct DefinitionFollower: Sendable {
    /// A definition as it was at some revision.
    private struct Read {
        let revision: Revision
        let definition: CustomDefinition
    }

    /// A definition that is served.
    private struct Served {
        let basis: ServingBasis
        let resources: [CustomResource]
        let endpoints: [ResourceEndpoint]
    }

    let environment: WriteEnvironment
    let definitions: ResourceEndpoint
    let kinds: ServedKinds
    let metrics: RequestMetrics
    let webhooks: WebhookClient
    let log: Logger
    private var read: [Key: Read] = [:]
    private var served: [String: Served] = [:]
    /// Definitions that are let alone until they change: they cannot be served.
    private var refused: [String: ServingBasis] = [:]

    init(
        _ environment: WriteEnvironment, _ definitions: ResourceEndpoint, _ kinds: ServedKinds,
        _ metrics: RequestMetrics, webhooks: WebhookClient, log: Logger
    ) {
        self.environment = environment
        self.definitions = definitions
        self.kinds = kinds
        self.metrics = metrics
        self.webhooks = webhooks
        self.log = log
    }

    /// Runs until `changes` ends. Each element says that some definition has changed.
    mutating func run(_ changes: AsyncStream<Void>) async {
        var iterator = changes.makeAsyncIterator()
        repeat {
            while await settle() {
                // An object that is left waits for its finalizers: any write may be their end.
                let next = environment.cache.appliedRevision.next
                guard await environment.cache.waitUntilApplied(next) else { return }
            }
        } while await iterator.next() != nil
    }

    /// Serves what is defined now, tells so in the definitions, and ends the objects of those that
    /// are to go.
    /// - Returns: whether something is left to do.
    mutating func settle() async -> Bool {
        let present = presentDefinitions()
        let statuses = statuses(of: present)
        await serve(statuses)
        // What could not be read may be next time.
        var isWaiting = statuses.contains { definition, status in
            let name = definition.meta.name
            return status.isEstablished && served[name] == nil && refused[name] == nil
        }
        for (definition, status) in statuses {
            if await !write(status, of: definition) { isWaiting = true }
            guard definition.isEndingObjects else { continue }
            let removal = InstanceRemoval(
                environment: environment, definitions: definitions, log: log)
            let endpoints = served[definition.meta.name]?.endpoints
            let endpoint = endpoints?.first(where: \.isStorage) ?? endpoints?.first
            if await !removal.run(definition, endpoint) { isWaiting = true }
        }
        return isWaiting
    }

    /// The definitions in the cache, the oldest first. Those that have not changed since the last
    /// time are not read again.
    private mutating func presentDefinitions() -> [CustomDefinition] {
        var found: [Key: Read] = [:]
        definitions.cache.snapshot().forEach(in: definitions.cache.keyRange) { object in
            if let known = read[object.key], known.revision == object.revision {
                found[object.key] = known
            } else if let current = try? StoredForm(endpoint: definitions).decode(object) {
                found[object.key] = Read(
                    revision: object.revision, definition: CustomDefinition(current.value))
            }
            return true
        }
        read = found
        return found.values.map(\.definition).sorted { first, second in
            (first.age, first.meta.name) < (second.age, second.meta.name)
        }
    }

    // MARK: Names

    /// Names belong to who has them; of those that come at the same time, to the older one.
    private func statuses(
        of present: [CustomDefinition]
    ) -> [(definition: CustomDefinition, status: DefinitionStatus)] {
        let now = environment.now()
        var granted: [String: CustomDefinition.Names] = [:]
        for definition in present { granted[definition.meta.name] = definition.acceptedNames }
        return present.map { definition in
            var claims = NameClaims()
            for builtIn in kinds.builtInNames(in: definition.group) { claims.take(builtIn) }
            for other in present
            where other.group == definition.group && other.meta.name != definition.meta.name {
                if let names = granted[other.meta.name] { claims.take(names) }
            }
            let accepted = claims.accept(definition)
            granted[definition.meta.name] = accepted.names
            return (definition, DefinitionStatus(definition, accepted, now: now))
        }
    }

    /// - Returns: whether the status is what it should be.
    private func write(_ status: DefinitionStatus, of definition: CustomDefinition) async -> Bool {
        let wanted = status.json
        guard wanted != definition.object["status"] else { return true }
        // What cannot be served is not said to be.
        if status.isEstablished, served[definition.meta.name] == nil { return true }
        let target = WriteTarget(
            endpoint: definitions, namespace: nil, name: definition.meta.name,
            subresource: "status")
        do {
            _ = try await ObjectUpdate(
                environment: environment, request: environment.request(target),
                change: { _ throws(APIStatus) in
                    // With its resourceVersion: what was seen must still be so.
                    var object = definition.object
                    object["status"] = wanted
                    return (object, [])
                }
            ).run()
            return true
        } catch {
            // A change of the definition comes as a change.
            guard error.reason != .notFound, error.reason != .conflict else { return true }
            log.warning("the status of \(definition.meta.name) could not be written: \(error)")
            return false
        }
    }

    // MARK: Serving

    private mutating func serve(
        _ statuses: [(definition: CustomDefinition, status: DefinitionStatus)]
    ) async {
        var next: [String: Served] = [:]
        for (definition, status) in statuses where status.isEstablished {
            next[definition.meta.name] = await serving(definition, status)
        }
        let isChanged =
            next.count != served.count
            || next.contains { served[$0.key]?.basis != $0.value.basis }
        guard isChanged else { return }
        let gone = served.filter { next[$0.key] == nil }
        let replaced = served.filter { next[$0.key]?.basis != $0.value.basis }
        served = next
        let order = next.sorted { $0.key < $1.key }.map(\.value)
        kinds.serve(order.flatMap(\.resources), at: order.flatMap(\.endpoints))
        // Routes go first, so that nothing new begins to be watched.
        for entry in gone.values {
            if let cache = entry.endpoints.first?.kept { remove(cache) }
        }
        for endpoint in replaced.values.flatMap(\.endpoints) { endpoint.translation?.feed.stop() }
    }

    /// The definition as it is served; `nil` when it cannot be.
    private mutating func serving(
        _ definition: CustomDefinition, _ status: DefinitionStatus
    ) async -> Served? {
        let name = definition.meta.name
        let basis = status.basis
        if let present = served[name], present.basis == basis { return present }
        if refused[name] == basis { return served[name] }
        do {
            let resources = try status.definitionAsAccepted.resources(beside: kinds.builtInSchemas)
            let cache = try await cache(of: definition, resources)
            refused[name] = nil
            let versions = CustomVersions(
                definition, resources, cache: cache, environment: environment, webhooks: webhooks)
            return Served(
                basis: basis, resources: resources.filter(\.isServed),
                endpoints: versions.endpoints(metrics))
        } catch {
            log.error("\(name) cannot be served: \(error)")
            if error is UnservableDefinition { refused[name] = basis }
            return served[name]
        }
    }

    /// Where the objects are: the present place, or a new one when they are to be read otherwise.
    private func cache(
        of definition: CustomDefinition, _ resources: [CustomResource]
    ) async throws -> ResourceCache {
        guard let storage = resources.first(where: \.isStorage) else {
            preconditionFailure("\(definition.meta.name) has no version that is stored")
        }
        var description = ResourceEndpoint.description(
            of: definition.indexed(storage.resource))
        description.otherPrefixes = resources.map {
            ServedForm.prefix(of: $0.resource.definition)
        }
        if let present = environment.cache.resource(description.name) {
            if present.description.readsLike(description) { return present }
            remove(present)
        }
        return try await environment.cache.add(description)
    }

    private func remove(_ cache: ResourceCache) {
        environment.cache.remove(cache.description.name)
    }
}

extension CustomDefinition {
    /// When it was created; what does not say is older than all others.
    fileprivate var age: Int64 { meta.creationTimestamp?.seconds ?? 0 }
}

extension ResourceDescription {
    /// Whether a cache of one description shows what a cache of another would.
    fileprivate func readsLike(_ other: ResourceDescription) -> Bool {
        isNamespaced == other.isNamespaced && objectPrefix == other.objectPrefix
            && otherPrefixes == other.otherPrefixes && fieldNames == other.fieldNames
    }
}

extension Gateway {
    /// Serves the custom resources that are defined, and goes on as the definitions change.
    func startDefinitions() async {
        var follower = DefinitionFollower(
            writer.environment, table.required("customresourcedefinitions", in: .definitions),
            kinds, metrics, webhooks: webhooks, log: log)
        _ = await follower.settle()
        guard let services = services.values.first else { return }
        let (changes, continuation) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        services.signalChanges(of: follower.definitions.cache, continuation)
        Task { [follower] in
            var follower = follower
            await follower.run(changes)
        }
    }
}
