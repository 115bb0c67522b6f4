// The API server: one request in, one answer out.

import APIModel
import Access
import Admission
import Buffers
import EventLoops
import HTTPServer
import HTTPWire
import Logging
import Observability
import Outbound
import Resources
import Schema
import Storage
import Synchronization
import WatchCache

/// Answers the requests of the Kubernetes API from a cache, and commits its writes to a store.
public final class Gateway: Sendable {
    let cache: Cache
    let metrics: RequestMetrics
    /// The kinds that are served, and their routes.
    let kinds: ServedKinds
    let writer: Writer
    let cursors: Cursors
    let patience: Patience
    /// Where others write to the store, too.
    let contact: StoreContact?
    let servesStale: Bool
    /// Who may do what.
    let access: AccessControl
    let gatekeeper: Gatekeeper
    let audit: AuditTrail?
    /// What others need to check the tokens of service accounts.
    let tokenIssuer: ServiceAccountIssuer?
    let makesDefaultRoles: Bool
    private let makesDefaultAccounts: Bool
    private let clusterAuthority: Bytes?
    private let eventExpiry: EventExpiry?
    /// The servers of other groups.
    let extensions: ExtensionServers
    let extensionRegister = ExtensionRegister()
    /// Those who translate custom resources.
    let webhooks: WebhookClient
    /// What the cluster is told of this gateway, and what this one knows of others.
    let presence: Presence
    /// The routes of now.
    var table: RoutingTable { kinds.state.table }
    /// The documents about what is served now.
    var documents: ServedDocuments { kinds.state.documents }
    let services: [ObjectIdentifier: LoopServices]
    private let hasLoaded = Atomic<Bool>(false)
    private let isStopping = Atomic<Bool>(false)
    let log: Logger

    /// - Precondition: `parts.cache` was made with `Gateway.descriptions(of: parts.catalog)`.
    public init(_ parts: GatewayParts) {
        (cache, log) = (parts.cache, parts.log)
        patience = Patience(random: parts.random)
        let metrics = RequestMetrics(registry: parts.registry)
        self.metrics = metrics
        makesDefaultRoles = parts.makesDefaultRoles
        makesDefaultAccounts = parts.makesDefaultAccounts
        clusterAuthority = parts.clusterAuthority
        contact = StoreContact(parts)
        servesStale = parts.servesStale
        access = AccessControl(parts.cache)
        let identity = IdentityControl(parts.identity, parts.cache, now: parts.wallTime)
        audit = parts.audit
        tokenIssuer = parts.identity.serviceAccounts
        gatekeeper = Gatekeeper(
            identity.chain, access.authorizer,
            AuthenticationFigures(parts.registry, parts.log), now: parts.wallTime)
        let binder = PodBinder()
        let handlers = access.reviews.merging(identity.reviews) { $1 }
            .merging(parts.virtualHandlers) { $1 }
            .merging([GroupVersionKind.binding.groupKind: binder]) { $1 }
        let table = RoutingTable(parts, handlers, metrics)
        kinds = ServedKinds(
            ServedState(
                parts.catalog, table, ServedDocuments(parts.catalog, version: parts.version)))
        let environment = WriteEnvironment(parts, kinds, access, handlers, contact)
        binder.bind(table.required("pods", in: .core), in: environment)
        writer = Writer(environment)
        presence = Presence(parts, environment, table)
        eventExpiry = EventExpiry(parts, environment, table)
        extensions = ExtensionServers(parts)
        webhooks = WebhookClient(parts.cache, on: parts.loops.loops)
        cursors = Cursors(
            environment, table.required("watchcursors", in: .binnacle),
            watchHistory: parts.watchHistory)
        services = LoopServices.all(parts)
    }

    /// How the cache reads the catalog's kinds.
    public static func descriptions(of catalog: Catalog) -> [ResourceDescription] {
        catalog.storedResources.map(ResourceEndpoint.description)
    }

    /// Begins to serve: the cache has been loaded. Makes the namespaces that every cluster has, and
    /// takes up what the server itself does.
    /// - Parameter address: where programs in the cluster reach it; `nil` when they do not.
    public func start(at address: AdvertisedAddress? = nil) async throws(APIStatus) {
        try await makeDefaultsOrBegin()
        await startDefinitions()
        startAggregation()
        hasLoaded.store(true, ordering: .releasing)
        startNamespaceTermination()
        startRoleAggregation()
        startGarbageCollection()
        startQuotas()
        await tellFrontProxy(clusterAuthority)
        if makesDefaultAccounts { await startNamespaceSupplies(clusterAuthority) }
        await startPresence(address)
        services.values.first.map(startCursorExpiry)
        if let eventExpiry { services.values.first.map { startEventExpiry($0, eventExpiry) } }
        if let contact { Task { await contact.keep(while: { !hasBegunToStop }) } }
        for services in services.values { services.startBookmarks() }
    }

    /// Ends every watch and wait with a last bookmark, so that clients go on elsewhere from where
    /// they are. New requests are still answered; `/readyz` says no.
    public func stop() async {
        isStopping.store(true, ordering: .releasing)
        await withdraw()
        for services in services.values { await services.stop() }
        for endpoint in table.endpoints { endpoint.translation?.feed.stop() }
    }

    /// Whether `start` has come to where the cache is served.
    var isLoaded: Bool { hasLoaded.load(ordering: .acquiring) }

    /// Whether `stop` has been called: nothing that lasts is begun any more.
    var hasBegunToStop: Bool { isStopping.load(ordering: .acquiring) }

    func services(of loop: EventLoop) -> LoopServices {
        guard let services = services[ObjectIdentifier(loop)] else {
            preconditionFailure("a request from a loop that is not the server's")
        }
        return services
    }

    /// The figures as Prometheus reads them.
    func writeMetrics(into buffer: inout ByteBuffer) {
        cache.refreshFigures()
        metrics.registry.write(into: &buffer)
    }

    /// What is checked behind `endpoint`.
    func checks(for endpoint: HealthEndpoint) -> [HealthReport.Check] {
        var checks = [HealthReport.Check(name: "ping", problem: nil)]
        guard endpoint == .readyz else { return checks }
        checks.append(
            HealthReport.Check(name: "cache", problem: isLoaded ? nil : "is being loaded"))
        checks.append(
            HealthReport.Check(name: "shutdown", problem: hasBegunToStop ? "has begun" : nil))
        return checks
    }
}
