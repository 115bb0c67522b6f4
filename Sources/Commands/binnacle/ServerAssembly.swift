import APIServer
import EventLoops
import Glibc
import HTTPServer
import Logging
import Observability
import Resources
import SQLiteStorage
import Storage
import SystemCalls
import WatchCache

/// The running server: every part, in the order in which it was started.
struct ServerAssembly {
    let readyLine: String
    private let gateway: Gateway
    private let audit: AuditTrail?
    private let server: Server
    /// What goes on beside the requests, until the end.
    private let tasks: [Task<Void, Never>]
    private let opened: OpenedStore
    private let log: Logger

    init(options: Serve, log: Logger) async throws {
        let clock = ContinuousClock()
        let began = clock.now
        let registry = MetricsRegistry()
        // The file is opened while the kinds are compiled.
        async let opening = OpenedStore(options, log)
        let catalog = try Catalog.builtIn()
        let keys = try ServerKeys(options, log)
        opened = try await opening
        let store = opened.store
        try await opened.check(keys)
        let cache = Self.cache(of: store, catalog, options, registry, log)
        let group = try EventLoopGroup(count: options.loops > 0 ? options.loops : processorCount())
        var parts = GatewayParts(
            catalog: catalog, store: store, cache: cache, loops: group, registry: registry,
            version: ServerVersion(release: Release.version), log: log)
        parts.gatewayName = opened.gatewayName
        try parts.arrange(options, keys)
        audit = parts.audit
        gateway = Gateway(parts)
        server = Server(group: group, handler: gateway, limits: HTTPServer.Limits())
        self.log = log
        Self.register(server, in: registry)
        let plain = try Self.listenPlainly(server, options)
        let secure = try SecureListener(options, keys, group, log)?.listen(server, registry)
        if let secure { try keys.writeAdminKubeconfig(secure, log) }
        try await cache.load(from: opened.items)
        tasks = [
            Task { await cache.run() }, Task { await cache.runChecks() },
            Task { [opened] in await opened.run() },
            Task { if let secure { await keys.renew(secure, log) } },
        ]
        try await gateway.start(at: secure.flatMap { options.advertised($0) })
        readyLine = """
            ready https=\(Self.text(secure)) http=\(Self.text(plain)) \
            store=\(options.store.rawValue) \(Self.text(cache)) \
            loaded-in=\(Self.seconds(clock.now - began))
            """
    }

    private static func text(_ cache: Cache) -> String {
        let objectCount = cache.resources.reduce(0) { $0 + $1.snapshot().count }
        return "revision=\(cache.appliedRevision) objects=\(objectCount)"
    }

    private static func cache(
        of store: any ClosableStore, _ catalog: Catalog, _ options: Serve,
        _ registry: MetricsRegistry, _ log: Logger
    ) -> Cache {
        var limits = WatchCache.Limits()
        limits.checkInterval = options.checkInterval.duration
        return Cache(
            store: store, history: store, resources: Gateway.descriptions(of: catalog),
            limits: limits, registry: registry, report: { CacheLog(log: log).write($0) })
    }

    private static func listenPlainly(
        _ server: Server, _ options: Serve
    ) throws -> SocketAddress? {
        guard let address = options.httpListen else { return nil }
        do {
            return try server.listen(on: address, name: .plainLoopback)
        } catch {
            throw StartFailure(description: "--http-listen \(address): \(error)")
        }
    }

    private static func text(_ address: SocketAddress?) -> String {
        address?.description ?? "off"
    }

    private static func register(_ server: Server, in registry: MetricsRegistry) {
        registry.gauge(
            "binnacle_connections_open", help: "Open connections.",
            compute: { Double(server.counters.connectionsOpen) })
        registry.gauge(
            "binnacle_requests_open", help: "Requests that are being answered, streams among them.",
            compute: { Double(server.counters.requestsInFlight) })
        registry.counter(
            "binnacle_sent_bytes_total", help: "Bytes sent.",
            compute: { Double(server.counters.bytesSent) })
    }

    /// Ends watches, finishes answers, closes the store.
    func stop() async {
        await gateway.stop()
        await server.drain(within: .seconds(10))
        await audit?.flush()
        for task in tasks { task.cancel() }
        await opened.close()
    }

    private static func seconds(_ duration: Duration) -> String {
        let milliseconds = duration / .milliseconds(1)
        let rounded = Int64(milliseconds.rounded())
        let fraction = String(1000 + rounded % 1000).dropFirst()
        return "\(rounded / 1000).\(fraction)s"
    }
}

/// How many processors this process may use.
private func processorCount() -> Int { max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN))) }

extension GatewayParts {
    /// What the flags say.
    fileprivate mutating func arrange(_ options: Serve, _ keys: ServerKeys) throws {
        watchHistory = options.watchHistory.duration
        servesStale = options.serveStale
        eventLifetime = options.eventTtl.duration
        makesKubernetesService = options.httpsListen != nil
        identity = try options.access.identity(keys.tokenKey, log)
        clusterAuthority = keys.authority
        if let frontProxy = keys.frontProxy { frontProxyCertificate = { frontProxy.certificate } }
        admission = try options.admission.choice()
        collectsGarbage = options.admission.enableGarbageCollector
        audit = try options.audit.trail(registry, log)
    }
}
