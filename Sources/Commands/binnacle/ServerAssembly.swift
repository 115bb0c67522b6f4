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
    private let cacheTask: Task<Void, Never>
    private let checkTask: Task<Void, Never>
    private let renewalTask: Task<Void, Never>
    private let store: any ClosableStore
    private let log: Logger

    init(options: Serve, log: Logger) async throws {
        let clock = ContinuousClock()
        let began = clock.now
        let registry = MetricsRegistry()
        // The file is opened while the kinds are compiled.
        async let opening = Self.openStore(options)
        let catalog = try Catalog.builtIn()
        let store = try await opening
        let keys = try ServerKeys(options, log)
        var limits = WatchCache.Limits()
        limits.checkInterval = options.checkInterval.duration
        let cache = Cache(
            store: store, history: store, resources: Gateway.descriptions(of: catalog),
            limits: limits, registry: registry, report: { CacheLog(log: log).write($0) })
        let group = try EventLoopGroup(count: options.loops > 0 ? options.loops : processorCount())
        var parts = GatewayParts(
            catalog: catalog, store: store, cache: cache, loops: group, registry: registry,
            version: ServerVersion(release: Release.version), log: log)
        try parts.arrange(options, keys)
        audit = parts.audit
        let gateway = Gateway(parts)
        let server = Self.server(group, gateway, registry)
        let plain = try Self.listenPlainly(server, options)
        let secure = try SecureListener(options, keys, group, log)?.listen(server, registry)
        if let secure { try keys.writeAdminKubeconfig(secure, log) }
        renewalTask = Task { await keys.renew(log) }
        try await cache.load()
        cacheTask = Task { await cache.run() }
        checkTask = Task { await cache.runChecks() }
        try await gateway.start()
        self.gateway = gateway
        self.server = server
        self.store = store
        self.log = log
        readyLine = """
            ready https=\(Self.text(secure)) http=\(Self.text(plain)) \
            store=\(options.store.rawValue) revision=\(cache.appliedRevision) \
            objects=\(Self.objectCount(cache)) \
            loaded-in=\(Self.seconds(clock.now - began))
            """
    }

    private static func objectCount(_ cache: Cache) -> Int {
        cache.resources.reduce(0) { $0 + $1.snapshot().count }
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

    private static func server(
        _ group: EventLoopGroup, _ gateway: Gateway, _ registry: MetricsRegistry
    ) -> Server {
        let server = Server(group: group, handler: gateway, limits: HTTPServer.Limits())
        registry.gauge(
            "binnacle_connections_open", help: "Open connections.",
            compute: { Double(server.counters.connectionsOpen) })
        registry.gauge(
            "binnacle_requests_open", help: "Requests that are being answered, streams among them.",
            compute: { Double(server.counters.requestsInFlight) })
        registry.counter(
            "binnacle_sent_bytes_total", help: "Bytes sent.",
            compute: { Double(server.counters.bytesSent) })
        return server
    }

    /// Ends watches, finishes answers, closes the store.
    func stop() async {
        await gateway.stop()
        await server.drain(within: .seconds(10))
        await audit?.flush()
        checkTask.cancel()
        renewalTask.cancel()
        cacheTask.cancel()
        await store.close()
    }

    private static func openStore(_ options: Serve) async throws -> any ClosableStore {
        switch options.store {
        case .memory: return MemoryStore()
        case .sqlite:
            let directory = try DataDirectory(options.dataDir)
            let retention = Retention(
                age: options.watchHistory.duration, byteCount: options.watchHistorySize.byteCount)
            return try await SQLiteStore(
                path: directory.file("store.sqlite"),
                options: SQLiteStore.Options(retention: retention))
        }
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

/// A store that can be closed, and that is the history of its own events.
protocol ClosableStore: Store, EventHistory {
    func close() async
}

extension SQLiteStore: ClosableStore {}
extension MemoryStore: ClosableStore {}

extension GatewayParts {
    /// What the flags say.
    fileprivate mutating func arrange(_ options: Serve, _ keys: ServerKeys) throws {
        watchHistory = options.watchHistory.duration
        identity = try options.access.identity(keys.tokenKey, log)
        clusterAuthority = keys.authority
        audit = try options.audit.trail(registry, log)
    }
}
