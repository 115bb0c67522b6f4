import APIModel
import Access
import Buffers
import EventLoops
import HTTPServer
import HTTPWire
import WatchCache

/// A GET or HEAD of a resource, on its connection's loop.
struct ReadRequest {
    let request: Request
    let exchange: Exchange
    let target: ResourceTarget
    let query: QueryItems
    let acceptance: Acceptance
    /// Who reads.
    private(set) var requester = Requester.loopback
    /// What the request is counted as.
    private(set) var verb: MeasuredVerb
    /// When it came; `nil` when it lasts for as long as it likes.
    private(set) var began: LoopTime?
    /// How old the answer's state may be, while the store is out of reach.
    var staleness: Duration?

    var endpoint: ResourceEndpoint { target.endpoint }

    /// Whether the client takes gzip (RFC 9110 section 12.5.3).
    var acceptsGzip: Bool { request.head.acceptsGzip }

    /// Sends `answer`, compressed if the client takes it.
    func respond(_ answer: Answer) {
        var answer = answer
        if let staleness { answer.warnings.append(staleness.stalenessWarning) }
        if let warning = endpoint.warning { answer.warnings.append(warning) }
        if acceptsGzip { answer.compress() }
        exchange.respond(answer.response)
        endpoint.counters.count(verb, code: answer.status)
        if let began { endpoint.counters.time(verb, since: began, to: exchange.loop.now) }
    }

    /// The same request of `requester`.
    func made(by requester: Requester) -> ReadRequest {
        var read = self
        read.requester = requester
        return read
    }

    /// The same request, answered from a state that may be so old; `nil` for the present one.
    func stale(by age: Duration?) -> ReadRequest {
        var stale = self
        stale.staleness = age
        return stale
    }

    /// The same request as one that waits on purpose, which says nothing about how long answers
    /// take.
    func lasting(_ verb: MeasuredVerb) -> ReadRequest {
        var lasting = self
        lasting.verb = verb
        lasting.began = nil
        return lasting
    }

    /// Counts that the revision it named was not reached in time.
    func countFuture() {
        let figures = endpoint.cache.figures
        switch verb {
        case .watch: figures.count(.watch, .future)
        case .poll: figures.count(.poll, .future)
        default: figures.count(.future)
        }
    }

    /// Refuses the request.
    func refuse(_ status: APIStatus) { respond(Answer(status)) }
}

extension RequestHead {
    var acceptsGzip: Bool {
        guard let field = headers.first("accept-encoding") else { return false }
        return AcceptedEncodings.includeGzip(field)
    }

    /// How long the client prefers to wait for a change (RFC 7240 section 4.3), in whole seconds.
    var preferredWait: Duration? {
        guard let field = headers.first("prefer") else { return nil }
        for element in field.description.split(separator: ",") {
            let pair = element.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, pair[0].trimmed.lowercased() == "wait",
                let seconds = Int64(pair[1].split(separator: ";")[0].trimmed), seconds >= 0
            else { continue }
            return .seconds(seconds)
        }
        return nil
    }
}

enum AcceptedEncodings {
    /// `gzip`, `*`, and not with quality zero.
    static func includeGzip(_ field: Bytes) -> Bool {
        if field.spell("gzip") || field.spell("gzip, deflate") { return true }
        if field.spell("gzip, deflate, br") { return true }
        for element in field.description.split(separator: ",") {
            let parts = element.split(separator: ";")
            guard let coding = parts.first?.trimmed.lowercased(), coding == "gzip" || coding == "*"
            else { continue }
            let isRefused = parts.dropFirst().contains { part in
                let pair = part.split(separator: "=")
                return pair.count == 2 && pair[0].trimmed == "q" && Double(pair[1].trimmed) == 0
            }
            return !isRefused
        }
        return false
    }
}
