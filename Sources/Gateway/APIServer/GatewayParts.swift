import APIModel
import Access
import Admission
import Buffers
import Crypto
import EventLoops
import Logging
import Observability
import Outbound
import Resources
import Storage
import WatchCache

/// What a gateway is put together from.
public struct GatewayParts {
    public let catalog: Catalog
    public let store: any Store
    public let cache: Cache
    public let loops: EventLoopGroup
    public let registry: MetricsRegistry
    public let version: ServerVersion
    public let log: Logger
    /// How long positions are good for: cursors are kept as long when nobody uses them.
    public var watchHistory = Duration.seconds(24 * 3600)
    /// The time of day.
    public var now: @Sendable () -> Timestamp = { WallClock.now() }
    /// How long a read waits for the cache to come to where a store is that others write to.
    public var freshnessWait = Limits.freshnessWait
    /// Draws a number from 0 up to 1, which it does not reach: by how much waits are shortened.
    /// Called on any thread.
    public var random: @Sendable () -> Double = { .random(in: 0..<1) }
    /// Whether the roles and bindings that every cluster has are made at the start.
    public var makesDefaultRoles = true
    /// Whether reads are answered with an old state, and a warning, while the store is out of
    /// reach, also for clients that did not say that they would take it.
    public var servesStale = false
    /// By what users are known who do not come through the plain listener on loopback.
    public var identity = IdentityOptions()
    /// Where each request is written down; `nil` when none is.
    public var audit: AuditTrail?
    /// Whether each namespace is given its service account `default`.
    public var makesDefaultAccounts = true
    /// What admits writes. Without default accounts, pods are given none.
    public var admission = AdmissionChoice()
    /// Whether objects follow their owners.
    public var collectsGarbage = true
    /// How long an event stays after it was last written; `nil` keeps them for ever.
    public var eventLifetime: Duration? = .seconds(3600)
    /// What the servers of other groups are shown, which know the gateway by it; asked for at each
    /// call.
    public var frontProxyCertificate: @Sendable () -> TLSCertificate? = { nil }
    /// What this gateway is called among those that share its store; `nil` when it is alone.
    public var gatewayName: String?
    /// Whether there is a Service `kubernetes`.
    public var makesKubernetesService = false
    /// By whom the server's certificate is signed, in PEM: each namespace is told in the ConfigMap
    /// `kube-root-ca.crt`.
    public var clusterAuthority: Bytes?
    /// Answers what is not kept, beside the reviews of access, by kind.
    public var virtualHandlers: [GroupKind: any VirtualHandler] = [:]

    /// The time of day, as certificates and tokens count it.
    var wallTime: @Sendable () -> WallTime {
        { [now] in WallTime(seconds: now().seconds) }
    }

    public init(
        catalog: Catalog, store: any Store, cache: Cache, loops: EventLoopGroup,
        registry: MetricsRegistry, version: ServerVersion, log: Logger
    ) {
        self.catalog = catalog
        self.store = store
        self.cache = cache
        self.loops = loops
        self.registry = registry
        self.version = version
        self.log = log
    }
}

extension ExtensionServers {
    convenience init(_ parts: GatewayParts) {
        self.init(parts.cache, on: parts.loops.loops, showing: parts.frontProxyCertificate)
    }
}

extension Presence {
    convenience init(
        _ parts: GatewayParts, _ environment: WriteEnvironment, _ table: RoutingTable
    ) {
        self.init(
            environment, leases: table.required("leases", in: .coordination),
            service: KubernetesService(
                environment: environment, services: table.required("services", in: .core),
                addresses: table.required("endpoints", in: .core),
                slices: table.required("endpointslices", in: .discovery), log: parts.log),
            name: parts.gatewayName, makesService: parts.makesKubernetesService, log: parts.log)
    }
}

extension EventExpiry {
    /// `nil` when events stay for ever.
    init?(_ parts: GatewayParts, _ environment: WriteEnvironment, _ table: RoutingTable) {
        guard let lifetime = parts.eventLifetime else { return nil }
        self.init(
            environment: environment, events: table.required("events", in: .core),
            lifetime: lifetime, log: parts.log)
    }
}

extension WriteEnvironment {
    /// What writes need, as `parts` say.
    init(
        _ parts: GatewayParts, _ kinds: ServedKinds, _ access: AccessControl,
        _ handlers: [GroupKind: any VirtualHandler], _ contact: StoreContact?
    ) {
        let table = kinds.state.table
        self = WriteEnvironment(
            store: parts.store, cache: parts.cache,
            namespaces: table.required("namespaces", in: .core),
            budgets: table.endpoint("poddisruptionbudgets", in: .policy),
            definitions: table.required("customresourcedefinitions", in: .definitions),
            now: parts.now, checks: access.checks, authorizer: access.authorizer,
            virtualHandlers: handlers, contact: contact
        ).admitting(parts, kinds)
    }

    /// The same, admitting what `parts` say.
    private func admitting(_ parts: GatewayParts, _ kinds: ServedKinds) -> WriteEnvironment {
        var environment = self
        let table = kinds.state.table
        var choice = parts.admission
        if parts.makesDefaultAccounts {
            environment.accounts = table.required("serviceaccounts", in: .core)
        } else {
            choice.disable(AdmissionChoice.serviceAccount)
        }
        environment.admission = AdmissionChain(parts.cache, choice)
        environment.dynamic = DynamicAdmission(
            parts.cache, choice, client: WebhookClient(parts.cache, on: parts.loops.loops),
            registry: parts.registry, log: parts.log, makeUID: UniqueID.make,
            parameters: { [kinds] in kinds.parameters($0) })
        environment.equivalents = { [kinds] in kinds.equivalents(of: $0) }
        if choice.isEnabled(QuotaAccount.pluginName) {
            environment.quotas = QuotaBook(table.required("resourcequotas", in: .core), kinds)
        }
        environment.collectsGarbage = parts.collectsGarbage
        return environment
    }
}
