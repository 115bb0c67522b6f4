// The API server: one request in, one answer out.

import APIModel
import Buffers
import EventLoops
import HTTPServer
import HTTPWire
import Logging
import Observability
import Resources
import Schema
import Storage
import Synchronization
import WatchCache

/// Answers the requests of the Kubernetes API from a cache, and commits its writes to a store.
public final class Gateway: RequestHandler {
    let catalog: Catalog
    let cache: Cache
    let metrics: RequestMetrics
    let documents: ServedDocuments
    let writer: Writer
    let random: @Sendable (Range<UInt32>) -> UInt32
    private let table: RoutingTable
    private let services: [ObjectIdentifier: LoopServices]
    private let isLoaded = Atomic<Bool>(false)
    private let isStopping = Atomic<Bool>(false)
    private let log: Logger

    /// - Precondition: `parts.cache` was made with `Gateway.descriptions(of: parts.catalog)`.
    public init(_ parts: GatewayParts) {
        catalog = parts.catalog
        cache = parts.cache
        log = parts.log
        let metrics = RequestMetrics(registry: parts.registry)
        self.metrics = metrics
        let endpoints = parts.catalog.resources.map { resource in
            ResourceEndpoint(
                resource,
                cache: parts.cache.resource(ResourceEndpoint.storageName(of: resource.definition)))
        }
        table = RoutingTable(endpoints)
        documents = ServedDocuments(parts.catalog, version: parts.version)
        random = { UInt32.random(in: $0) }
        writer = Writer(
            WriteEnvironment(store: parts.store, cache: parts.cache, table: table, random: random))
        services = Dictionary(
            uniqueKeysWithValues: parts.loops.loops.map { loop in
                (ObjectIdentifier(loop), LoopServices(loop: loop, cache: parts.cache))
            })
    }

    /// How the cache reads the catalog's kinds.
    public static func descriptions(of catalog: Catalog) -> [ResourceDescription] {
        catalog.resources.map(ResourceEndpoint.description)
    }

    /// Begins to serve: the cache has been loaded. Makes the namespaces that every cluster has, and
    /// takes up what the server itself does.
    public func start() async throws(APIStatus) {
        isLoaded.store(true, ordering: .releasing)
        try await Bootstrap(writer: writer).run()
        NamespaceTermination(writer: writer, endpoints: table.endpoints, log: log).start()
        for services in services.values { services.startBookmarks() }
    }

    /// Ends every watch and wait with a last bookmark, so that clients go on elsewhere from where
    /// they are. New requests are still answered; `/readyz` says no.
    public func stop() async {
        isStopping.store(true, ordering: .releasing)
        for services in services.values { await services.stop() }
    }

    func services(of loop: EventLoop) -> LoopServices {
        guard let services = services[ObjectIdentifier(loop)] else {
            preconditionFailure("a request from a loop that is not the server's")
        }
        return services
    }

    public func handle(_ request: Request, _ exchange: Exchange) {
        if request.listener == .loopback, !LoopbackGuard.admits(request.head) {
            exchange.respond(Answer(Self.foreignSite).response)
            return
        }
        switch table.route(request.head.path) {
        case .resource(let target): handle(target, request, exchange)
        case let route: respond(to: route, request, exchange)
        }
    }

    public func respond(to error: RequestError) -> Response {
        Answer(APIStatus(error)).response
    }

    private func handle(_ target: ResourceTarget, _ request: Request, _ exchange: Exchange) {
        guard isLoaded.load(ordering: .acquiring) else {
            exchange.respond(
                Answer(
                    .tooManyRequests(
                        "the cache is being loaded, please try again", retryAfterSeconds: 1)
                ).response)
            return
        }
        do {
            let verb = try RequestVerb(request.head.method, target)
            if verb.isRead {
                try read(target, request, exchange)
            } else {
                try write(verb, target, request, exchange)
            }
        } catch {
            exchange.respond(Answer(error).response)
        }
    }

    private func read(
        _ target: ResourceTarget, _ request: Request, _ exchange: Exchange
    ) throws(APIStatus) {
        guard let acceptance = Acceptance(request.head.headers.first("accept")) else {
            throw .notAcceptable(["application/json", "application/yaml"])
        }
        let read = ReadRequest(
            request: request, exchange: exchange, target: target,
            query: try QueryItems(request.head.query), acceptance: acceptance)
        if target.name != nil, !target.isDeprecatedWatch {
            ObjectRead(gateway: self, read: read).run()
            return
        }
        try collection(read)
    }

    private func collection(_ read: ReadRequest) throws(APIStatus) {
        var options = try ListOptions(read.query)
        if read.target.isDeprecatedWatch { options.watch = true }
        let filter = try FilterCompiler(read.target).filter(options)
        if options.watch {
            WatchRead(gateway: self, read: read, options: options, filter: filter).run()
        } else if options.poll {
            PollRead(gateway: self, read: read, options: options, filter: filter).run()
        } else {
            CollectionRead(gateway: self, read: read, options: options, filter: filter).run()
        }
    }

    private func write(
        _ verb: RequestVerb, _ target: ResourceTarget, _ request: Request, _ exchange: Exchange
    ) throws(APIStatus) {
        let command = try WriteCommand(verb, target, request, random: random)
        let acceptsGzip = request.head.acceptsGzip
        let writer = writer
        Task(executorPreference: exchange.loop) {
            var answer = await writer.answer(command)
            if acceptsGzip { answer.compress() }
            exchange.respond(answer.response)
        }
    }

    /// Runs `body` on the exchange's loop when the cache has reached `revision`: at once as a rule.
    /// Answers 504 when it does not get there in time.
    func whenReached(_ revision: Revision, _ read: ReadRequest, _ body: @escaping () -> Void) {
        if cache.appliedRevision >= revision {
            body()
            return
        }
        let cache = cache
        let continuation = LoopBound(body)
        let refusal = LoopBound { [read] in
            read.respond(
                .resourceVersionTooLarge(
                    requested: revision.rawValue, current: cache.appliedRevision.rawValue,
                    retryAfterSeconds: 1))
        }
        Task(executorPreference: read.exchange.loop) {
            let isReached = await cache.wait(for: revision, atMost: Limits.futureRevisionWait)
            (isReached ? continuation : refusal).run()
        }
    }

    private static let foreignSite = APIStatus.forbidden(
        message: """
            the plain listener answers only requests that name localhost or a loopback address as \
            their host, and that do not come from a page of another site
            """)
}

/// Work that stays on one loop while it waits in a task.
struct LoopBound: @unchecked Sendable {
    // Reason: made and run on the same loop, never at the same time.
    private let body: () -> Void

    init(_ body: @escaping () -> Void) { self.body = body }

    func run() { body() }
}

/// What a gateway is put together from.
public struct GatewayParts {
    public let catalog: Catalog
    public let store: any Store
    public let cache: Cache
    public let loops: EventLoopGroup
    public let registry: MetricsRegistry
    public let version: ServerVersion
    public let log: Logger

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
