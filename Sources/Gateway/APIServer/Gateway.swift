// The API server: one request in, one answer out.

import APIModel
import Access
import Admission
import Aggregation
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
    private let gatekeeper: Gatekeeper
    private let audit: AuditTrail?
    /// What others need to check the tokens of service accounts.
    let tokenIssuer: ServiceAccountIssuer?
    let makesDefaultRoles: Bool
    private let makesDefaultAccounts: Bool
    private let clusterAuthority: Bytes?
    private let eventExpiry: EventExpiry?
    /// The servers of other groups.
    let extensions: ExtensionServers
    let extensionRegister = ExtensionRegister()
    /// What the cluster is told of this gateway, and what this one knows of others.
    let presence: Presence
    /// The routes of now.
    var table: RoutingTable { kinds.state.table }
    /// The documents about what is served now.
    var documents: ServedDocuments { kinds.state.documents }
    let services: [ObjectIdentifier: LoopServices]
    private let isLoaded = Atomic<Bool>(false)
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
        isLoaded.store(true, ordering: .releasing)
        startNamespaceTermination()
        startRoleAggregation()
        startGarbageCollection()
        startQuotas()
        await tellFrontProxy(clusterAuthority)
        startAggregation()
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
    }

    /// Whether `stop` has been called: nothing that lasts is begun any more.
    var hasBegunToStop: Bool { isStopping.load(ordering: .acquiring) }

    func services(of loop: EventLoop) -> LoopServices {
        guard let services = services[ObjectIdentifier(loop)] else {
            preconditionFailure("a request from a loop that is not the server's")
        }
        return services
    }

    public func handle(_ request: Request, _ exchange: Exchange) {
        let route = table.route(request.head.path)
        let audited = audit.map { AuditedExchange($0, request, route) }
        if let audited { exchange.observer = audited }
        do throws(APIStatus) {
            let requester = try admit(request, route, audited)
            // It was going to be refused a moment ago.
            guard !request.lacksBody else { throw Self.changedMind }
            serve(route, requester, request, exchange)
        } catch {
            exchange.respond(Answer(error).response)
            let verb = MeasuredVerb(RequestVerb(request.head.method))
            route.counters?.count(verb, code: error.httpCode)
        }
    }

    /// Nobody fills the memory with bodies who has no right to send them.
    public func wantsBody(of request: Request) -> Bool {
        let route = table.route(request.head.path)
        do throws(APIStatus) {
            return try isOpen(request, route) || gatekeeper.expects(request, route)
        } catch { return false }
    }

    /// Finds out who sends the request, and lets in who may.
    private func admit(
        _ request: Request, _ route: Route, _ audited: AuditedExchange?
    ) throws(APIStatus) -> Requester {
        var requester: Requester?
        do throws(APIStatus) {
            if try isOpen(request, route) { return .anonymous }
            let sender = try gatekeeper.requester(of: request)
            requester = sender
            let user = try gatekeeper.impersonated(by: sender, request.head.headers)
            requester = user
            let reason = try gatekeeper.authorize(user, route, request.head)
            audited?.admitted(user, reason: reason)
            return user
        } catch {
            audited?.refused(requester, error)
            throw error
        }
    }

    /// Whether the request is answered whoever sends it.
    /// - Throws: the refusal of what is refused whoever sends it.
    private func isOpen(_ request: Request, _ route: Route) throws(APIStatus) -> Bool {
        if case .malformed(let escape) = route {
            throw .badRequest("invalid URL escape \(escape.quoted)")
        }
        if request.listener == .plainLoopback {
            guard LoopbackGuard.admits(request.head) else { throw Self.foreignSite }
            return false
        }
        guard !isLoaded.load(ordering: .acquiring) else { return false }
        // Nobody's tokens and rights are known yet; how the server is, everybody may know.
        guard case .health = route else { throw Self.loading }
        return true
    }

    private func serve(
        _ route: Route, _ requester: Requester, _ request: Request, _ exchange: Exchange
    ) {
        switch route {
        case .resource(let target): handle(target, requester, request, exchange)
        case .virtual(let target): handle(target, by: requester.user, request, exchange)
        case let route:
            if forward(route, requester, request, exchange) { return }
            var answer = PlainRoutes(gateway: self, request: request).answer(route)
            if request.head.acceptsGzip { answer.compress() }
            exchange.respond(answer.response)
        }
    }

    /// For how long the credentials of who reads still count, or `limit` if that is shorter.
    func allowed(_ limit: Duration, _ read: ReadRequest) -> Duration {
        gatekeeper.remaining(read.requester).map { min($0, limit) } ?? limit
    }

    public func respond(to error: RequestError) -> Response {
        var response = Answer(APIStatus(error)).response
        if error.status == .tooManyRequests { response.fields.add("Retry-After", literal: "1") }
        return response
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
        let isLoaded = isLoaded.load(ordering: .acquiring)
        checks.append(
            HealthReport.Check(name: "cache", problem: isLoaded ? nil : "is being loaded"))
        checks.append(
            HealthReport.Check(name: "shutdown", problem: hasBegunToStop ? "has begun" : nil))
        return checks
    }

    private func handle(
        _ target: ResourceTarget, _ requester: Requester, _ request: Request, _ exchange: Exchange
    ) {
        do throws(APIStatus) {
            guard isLoaded.load(ordering: .acquiring) else { throw Self.loading }
            let verb = try RequestVerb(request.head.method, target)
            if verb.isRead {
                let read = try readRequest(verb, target, request, exchange)
                try self.read(read.made(by: requester))
            } else {
                let command = try WriteCommand(
                    verb, target, request, writer.environment.context())
                write(command.made(by: requester.user), verb, request, exchange)
            }
        } catch {
            exchange.respond(Answer(error).response)
            let verb = MeasuredVerb(RequestVerb(request.head.method))
            target.endpoint.counters.count(verb, code: error.httpCode)
        }
    }

    private func readRequest(
        _ verb: RequestVerb, _ target: ResourceTarget, _ request: Request, _ exchange: Exchange
    ) throws(APIStatus) -> ReadRequest {
        guard let acceptance = Acceptance(request.head.headers.first("accept")) else {
            throw .notAcceptable
        }
        return ReadRequest(
            request: request, exchange: exchange, target: target,
            query: try QueryItems(parsing: request.head.query), acceptance: acceptance,
            verb: MeasuredVerb(verb), began: exchange.loop.now)
    }

    private func read(_ read: ReadRequest) throws(APIStatus) {
        if read.target.name != nil, !read.target.isDeprecatedWatch {
            ObjectRead(gateway: self, read: read).run()
            return
        }
        try collection(read)
    }

    private func collection(_ read: ReadRequest) throws(APIStatus) {
        var options = try ListOptions(read.query)
        if read.target.isDeprecatedWatch { options.watch = true }
        guard options.cursor == nil || !options.watch else { throw .cursorNeedsPoll }
        let filter = try FilterCompiler(read.target).filter(options)
        if options.watch {
            let read = read.lasting(.watch)
            WatchRead(gateway: self, read: read, options: options, filter: filter).run()
        } else if options.poll {
            let poll = PollRead(
                gateway: self, read: read.lasting(.poll), options: options, filter: filter)
            guard let name = options.cursor else {
                poll.run()
                return
            }
            CursorPoll(poll: poll, user: read.requester.user).run(name)
        } else {
            CollectionRead(gateway: self, read: read, options: options, filter: filter).run()
        }
    }

    private func write(
        _ command: WriteCommand, _ verb: RequestVerb, _ request: Request, _ exchange: Exchange
    ) {
        let acceptsGzip = request.head.acceptsGzip
        let (writer, began) = (writer, exchange.loop.now)
        Task(executorPreference: exchange.loop) {
            var answer = await writer.answer(command)
            if acceptsGzip { answer.compress() }
            exchange.respond(answer.response)
            let counters = command.request.target.endpoint.counters
            counters.count(MeasuredVerb(verb), code: answer.status)
            counters.time(MeasuredVerb(verb), since: began, to: exchange.loop.now)
        }
    }

    private func handle(
        _ target: VirtualTarget, by user: User, _ request: Request, _ exchange: Exchange
    ) {
        let began = exchange.loop.now
        Task(executorPreference: exchange.loop) {
            var answer = await VirtualCreation.answer(target, request, user)
            if request.head.acceptsGzip { answer.compress() }
            exchange.respond(answer.response)
            let counters = target.endpoint.counters
            counters.count(MeasuredVerb(.create), code: answer.status)
            counters.time(MeasuredVerb(.create), since: began, to: exchange.loop.now)
        }
    }

    private static let loading = APIStatus.tooManyRequests(
        "the cache is being loaded, please try again", retryAfterSeconds: 1)

    private static let changedMind = APIStatus.tooManyRequests(
        "rights have changed while the request was sent, please try again", retryAfterSeconds: 1)

    private static let foreignSite = APIStatus(
        code: 403, reason: .forbidden,
        message: """
            the plain listener answers only requests that name localhost or a loopback address as \
            their host, and that do not come from a page of another site
            """)
}
