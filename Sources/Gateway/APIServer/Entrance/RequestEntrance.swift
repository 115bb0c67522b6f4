// The way of a request: route, who sends it, whether they may, and on to what answers.

import APIModel
import Access
import EventLoops
import HTTPServer
import HTTPWire

extension Gateway: RequestHandler {
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
        let isPlain = request.listener == .plainLoopback
        if isPlain, !LoopbackGuard.admits(request.head) { throw Self.foreignSite }
        guard !isLoaded else { return false }
        // Nobody's tokens and rights are known yet, nor which kinds and groups there are besides
        // the built-in ones. How the server is, everybody may know.
        switch route {
        case .health: return true
        case .metrics, .version: if isPlain { return false }
        default: break
        }
        throw Self.loading
    }

    private func serve(
        _ route: Route, _ requester: Requester, _ request: Request, _ exchange: Exchange
    ) {
        switch route {
        case .resource(let target): answer(target, requester, request, exchange)
        case .virtual(let target): answer(target, by: requester.user, request, exchange)
        case let route:
            if forward(route, requester, request, exchange) { return }
            var answer = PlainRoutes(gateway: self, request: request).answer(route)
            if request.head.acceptsGzip { answer.compress() }
            exchange.respond(answer.response)
        }
    }

    public func respond(to error: RequestError) -> Response {
        var response = Answer(APIStatus(error)).response
        if error.status == .tooManyRequests { response.fields.add("Retry-After", literal: "1") }
        return response
    }

    static let loading = APIStatus.tooManyRequests(
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
