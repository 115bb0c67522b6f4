// GET of a collection: a list.

import APIModel
import Buffers
import HTTPServer
import HTTPWire
import JSON
import Logging
import Storage
import WatchCache

struct CollectionRead {
    let gateway: Gateway
    private(set) var read: ReadRequest
    let options: ListOptions
    let filter: Filter

    init(gateway: Gateway, read: ReadRequest, options: ListOptions, filter: Filter) {
        self.gateway = gateway
        self.read = read
        self.options = options
        self.filter = filter
    }

    /// Answers at once, or when the cache shows the state that the client may expect.
    func run() {
        gateway.whenFresh(Freshness(options), read) { read in
            var fresh = self
            fresh.read = read
            fresh.answer()
        }
    }

    private func answer() {
        let condition = Condition(read.request.head)
        guard let known = condition.newest, options.continueToken == nil else {
            respondWithListing()
            return
        }
        if case .exactly(let revision) = Freshness(options) {
            known == revision ? respondNotModified(known) : respondWithListing()
            return
        }
        whenChecked(since: known) { check in
            guard case .unchanged(let through) = check else {
                respondWithListing()
                return
            }
            guard let wait = condition.wait else {
                respondNotModified(through)
                return
            }
            waitForChange(since: through, wait)
        }
    }

    private func waitForChange(since known: Revision, _ wait: Duration) {
        let waiting = CollectionRead(
            gateway: gateway, read: read.lasting(read.verb), options: options, filter: filter)
        Waits(gateway: gateway).wait(
            waiting.read, filter: filter, after: known, atMost: wait
        ) { ended in
            ended == .changed ? waiting.respondWithListing() : waiting.respondNotModified(known)
        }
    }

    /// Calls `then` on the loop with what has become of the state at `revision`: at once when
    /// memory tells, and when the history has been read else.
    private func whenChecked(
        since revision: Revision, _ then: @escaping (ChangeCheck) -> Void
    ) {
        let (cache, filter, log) = (read.endpoint.cache, filter, gateway.log)
        let check = cache.checked(since: revision, filter: filter)
        guard check == .past else {
            then(check)
            return
        }
        let goOn = LoopBound(then)
        Task(executorPreference: read.exchange.loop) {
            do {
                goOn(try await cache.checkedWithPast(since: revision, filter: filter))
            } catch {
                log.error("past events of \(cache.description.name): \(error)")
                goOn(.changed)
            }
        }
    }

    /// - Parameter revision: up to which nothing has changed. Clients name it the next time.
    private func respondNotModified(_ revision: Revision) {
        read.respond(Answer.notModified(EntityTag(revision)))
    }

    private func respondWithListing() {
        do throws(APIStatus) {
            try respond(with: try listing())
        } catch { read.refuse(error) }
    }

    private func listing() throws(APIStatus) -> Listing {
        let cache = read.endpoint.cache
        if let token = options.continueToken { return try continued(token) }
        let snapshot: Snapshot
        if case .exactly(let revision) = Freshness(options) {
            snapshot = try exactly(revision)
        } else {
            snapshot = cache.servedSnapshot()
        }
        var listing = Listing(endpoint: read.endpoint, snapshot: snapshot, filter: filter)
        listing.limit = limit
        return listing
    }

    /// A limit of zero is none. With `resourceVersion=0` the limit does not count, as for
    /// kube-apiserver, whose cache answers whole.
    private var limit: Int? {
        options.resourceVersion == 0 ? nil : options.limit
    }

    private func continued(_ token: ContinueToken) throws(APIStatus) -> Listing {
        let snapshot = try state(at: token)
        var listing = Listing(endpoint: read.endpoint, snapshot: snapshot, filter: filter)
        listing.limit = limit
        listing.after = after(token)
        return listing
    }

    /// The key that the page begins after: the token's start is a key of the range and a NUL.
    private func after(_ token: ContinueToken) -> Key {
        var buffer = ByteBuffer()
        buffer.append(filter.range.lower.bytes)
        let start = token.start.hasSuffix("\0") ? String(token.start.dropLast()) : token.start
        buffer.append(utf8: start)
        return Key(buffer.freeze())
    }

    /// The state that the first page showed; the present one for a token that says so.
    private func state(at token: ContinueToken) throws(APIStatus) -> Snapshot {
        guard let number = token.revision else { return read.endpoint.cache.servedSnapshot() }
        do {
            return try read.endpoint.cache.snapshot(at: Revision(number))
        } catch {
            throw .continueExpired(goOnWith: ContinueToken(revision: nil, start: token.start))
        }
    }

    private func exactly(_ revision: Revision) throws(APIStatus) -> Snapshot {
        do {
            return try read.endpoint.cache.snapshot(at: revision)
        } catch {
            throw .listExpired
        }
    }

    private func respond(with listing: Listing) throws(APIStatus) {
        let representation = Representation(
            endpoint: read.endpoint, acceptance: read.acceptance, query: read.query)
        var answer = try representation.answer(for: listing, gzip: read.acceptsGzip)
        if listing.after == nil, listing.limit == nil {
            answer.entityTag = EntityTag(listing.snapshot.revision)
        }
        read.respond(answer)
    }
}
