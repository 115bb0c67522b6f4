// Whose a request is, and whether they may.

import APIModel
import Access
import Buffers
import Crypto
import EventLoops
import HTTPServer
import HTTPWire

/// Lets requests in. Works from memory, on the loop of the request.
struct Gatekeeper: Sendable {
    private let chain: AuthenticationChain
    private let authorizer: any Authorizer
    private let figures: AuthenticationFigures
    private let now: @Sendable () -> WallTime

    init(
        _ chain: AuthenticationChain, _ authorizer: any Authorizer,
        _ figures: AuthenticationFigures, now: @escaping @Sendable () -> WallTime
    ) {
        self.chain = chain
        self.authorizer = authorizer
        self.figures = figures
        self.now = now
    }

    /// Who sends the request, as the connection and the credentials tell. Whoever comes through
    /// the plain listener on loopback is `User.loopback`, whatever they show.
    /// - Throws: 401.
    func requester(of request: Request) throws(APIStatus) -> Requester {
        let now = now()
        if let known = known(request, now) { return known }
        do {
            let requester = try identify(request, now)
            figures.succeeded()
            return requester
        } catch {
            figures.failed(error, request.peer, now)
            throw .unauthorized()
        }
    }

    /// Whether the request will be let in as things are. Counts and logs nothing.
    func expects(_ request: Request, _ route: Route) -> Bool {
        let now = now()
        guard let sender = known(request, now) ?? (try? identify(request, now)),
            let user = try? impersonated(by: sender, request.head.headers)
        else { return false }
        return (try? authorize(user, route, request.head)) != nil
    }

    /// Whose the connection is, when that need not be found out again.
    private func known(_ request: Request, _ now: WallTime) -> Requester? {
        if request.listener == .plainLoopback { return .loopback }
        guard let known = request.memo?.value as? Requester, known.counts(at: now) else {
            return nil
        }
        return known
    }

    private func identify(
        _ request: Request, _ now: WallTime
    ) throws(AuthenticationFailure) -> Requester {
        let credentials = Credentials(request)
        let (user, until) = try chain.authenticate(credentials, now: now)
        let requester = Requester(user, until: until)
        // A certificate stays the same for as long as the connection lasts.
        if credentials.certificate != nil, credentials.bearerToken == nil {
            request.memo?.value = requester
        }
        return requester
    }

    /// The one in whose name the request is sent: `requester` itself unless the request says
    /// otherwise.
    /// - Throws: 403 unless `requester` may impersonate them, 400 for fields that make no sense.
    func impersonated(
        by requester: Requester, _ headers: HeaderFields
    ) throws(APIStatus) -> Requester {
        guard headers.hasName(startingWith: "impersonate-"),
            let impersonation = try Impersonation(headers)
        else { return requester }
        return try impersonation.apply(to: requester, authorizer)
    }

    /// Why `requester` may send the request.
    /// - Throws: 403.
    func authorize(
        _ requester: Requester, _ route: Route, _ head: RequestHead
    ) throws(APIStatus) -> String {
        if requester.isPrivileged { return "" }
        let question = AccessQuestion(route, head)
        var reason = ""
        for verb in question.verbs {
            let attributes = AccessAttributes(
                user: requester.user, verb: verb, subject: question.subject,
                selectedFields: question.selectedFields)
            let decision = authorizer.decide(attributes)
            guard decision.isAllowed else { throw attributes.refusal(reason: decision.reason) }
            reason = decision.reason
        }
        return reason
    }

    /// For how long the credentials of `requester` still count; `nil` without an end.
    func remaining(_ requester: Requester) -> Duration? {
        requester.until == nil ? nil : requester.remaining(at: now())
    }
}

extension Credentials {
    /// What a request and its connection show.
    fileprivate init(_ request: Request) {
        self.init(
            bearerToken: request.head.headers.first("authorization").flatMap(BearerToken.read))
        switch request.peerIdentity {
        case .anonymous: break
        case .certificate(let shown):
            certificate = Certificate(
                commonName: shown.commonName, organizations: shown.organizations,
                notAfter: WallTime(seconds: shown.notAfter), fingerprint: shown.fingerprint)
        case .refused(_, let refusal):
            certificateRefusal = AuthenticationFailure(
                reason: refusal.label, detail: "\(refusal)")
        }
    }
}

extension PeerRefusal {
    /// What it is counted as.
    fileprivate var label: String {
        switch self {
        case .expired: "certificate_expired"
        case .notYetValid: "certificate_early"
        case .unknownAuthority: "certificate_unknown_authority"
        case .wrongPurpose: "certificate_wrong_purpose"
        case .invalid: "certificate_invalid"
        }
    }
}
