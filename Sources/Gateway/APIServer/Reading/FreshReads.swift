// Reads that wait until the cache shows what their clients may expect.

import APIModel
import EventLoops
import HTTPServer
import Observability
import Storage
import WatchCache

extension Gateway {
    /// Runs `body` on the exchange's loop when the cache shows the wanted state: at once as a rule
    /// where this gateway is alone with its store. What it is called with tells how old the state
    /// may be when the store is out of reach and the client takes an old one. Refuses the request
    /// when that state is not to be had.
    func whenFresh(
        _ freshness: Freshness, _ read: ReadRequest, _ body: @escaping (ReadRequest) -> Void
    ) {
        guard let translation = read.endpoint.translation else {
            return whenKept(freshness, read, body)
        }
        whenKept(freshness, read) { [self] read in
            let wanted =
                switch freshness {
                case .any: Revision(1)
                case .current: translation.present
                case .notOlderThan(let revision), .exactly(let revision):
                    max(revision, translation.present)
                }
            whenTranslated(wanted, translation, read) { body(read) }
        }
    }

    /// Runs `body` on the exchange's loop when the cache has reached `revision`: at once as a rule.
    /// Answers 504 when it does not get there in time.
    func whenReached(_ revision: Revision, _ read: ReadRequest, _ body: @escaping () -> Void) {
        whenFresh(.notOlderThan(revision), read) { _ in body() }
    }

    /// Runs `body` on the exchange's loop when a webhook has translated what there is. Answers 500
    /// when it fails.
    private func whenTranslated(
        _ revision: Revision, _ translation: Translation, _ read: ReadRequest,
        _ body: @escaping () -> Void
    ) {
        guard translation.feed.appliedRevision < revision else { return body() }
        let goOn = LoopBound<APIStatus?> { refusal in
            if let refusal { read.refuse(refusal) } else { body() }
        }
        Task(executorPreference: read.exchange.loop) {
            do throws(APIStatus) {
                try await translation.feed.reach(revision)
                goOn(nil)
            } catch {
                goOn(error)
            }
        }
    }

    /// The same for the objects as they are stored.
    private func whenKept(
        _ freshness: Freshness, _ read: ReadRequest, _ body: @escaping (ReadRequest) -> Void
    ) {
        switch freshness {
        case .notOlderThan(let revision), .exactly(let revision):
            whenApplied(revision, read) { body(read) }
        case .any:
            body(read.stale(by: contact?.staleness))
        case .current:
            guard let contact else { return body(read) }
            whenConfirmed(contact, read, body)
        }
    }

    private func whenConfirmed(
        _ contact: StoreContact, _ read: ReadRequest, _ body: @escaping (ReadRequest) -> Void
    ) {
        let takesStale = servesStale || read.request.head.prefersStale
        if takesStale, let staleness = contact.staleness {
            return body(read.stale(by: staleness))
        }
        let figures = read.endpoint.cache.figures
        let (loop, began) = (read.exchange.loop, read.exchange.loop.now)
        let goOn = LoopBound<APIStatus?> { refusal in
            guard let refusal else { return body(read) }
            guard takesStale else { return read.refuse(refusal) }
            body(read.stale(by: contact.staleness ?? .zero))
        }
        Task(executorPreference: loop) {
            do throws(APIStatus) {
                try await contact.confirm()
                figures.readWait.observe(loop.now - began)
                goOn(nil)
            } catch {
                goOn(error)
            }
        }
    }

    private func whenApplied(
        _ revision: Revision, _ read: ReadRequest, _ body: @escaping () -> Void
    ) {
        if cache.appliedRevision >= revision {
            body()
            return
        }
        let (cache, figures) = (cache, read.endpoint.cache.figures)
        let (loop, began) = (read.exchange.loop, read.exchange.loop.now)
        let goOn = LoopBound<Bool> { isReached in
            guard !isReached else {
                body()
                return
            }
            read.countFuture()
            read.refuse(
                .resourceVersionTooLarge(
                    requested: revision.rawValue, current: cache.appliedRevision.rawValue,
                    retryAfterSeconds: 1))
        }
        // Another gateway may have told of it. That the store is asked makes its watch move on.
        if let contact { Task { try? await contact.confirm() } }
        Task(executorPreference: loop) {
            let isReached = await cache.wait(for: revision, atMost: Limits.futureRevisionWait)
            figures.readWait.observe(loop.now - began)
            goOn(isReached)
        }
    }
}
