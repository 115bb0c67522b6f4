// GET with `poll=true`: one document with the events after a position, as soon as there is one.

import APIModel
import Buffers
import HTTPServer
import Logging
import Storage
import WatchCache

struct PollRead {
    let gateway: Gateway
    private(set) var read: ReadRequest
    let options: ListOptions
    let filter: Filter
    /// The cursor in whose name this is.
    var cursor: HeldCursor?

    init(gateway: Gateway, read: ReadRequest, options: ListOptions, filter: Filter) {
        self.gateway = gateway
        self.read = read
        self.options = options
        self.filter = filter
    }

    /// Answers with the present state when no position is named; else when something has happened
    /// after the position, or the time is up.
    func run() {
        guard let number = options.resourceVersion, number > 0 else {
            beginWithPresentState()
            return
        }
        start(after: Revision(number))
    }

    private func beginWithPresentState() {
        gateway.whenFresh(Freshness(options.resourceVersion), read) { read in
            var fresh = self
            fresh.read = read
            fresh.respondWithPresentState()
        }
    }

    /// The same for a cursor, from its position.
    func run(_ cursor: HeldCursor) {
        var poll = self
        poll.cursor = cursor
        if cursor.position > .zero {
            poll.start(after: cursor.position)
        } else {
            poll.beginWithPresentState()
        }
    }

    private func start(after position: Revision) {
        gateway.whenReached(position, read) { poll(after: position) }
    }

    private func poll(after position: Revision) {
        let cache = read.endpoint.cache
        cache.figures.count(.poll, cache.start(after: position))
        whenMatched(after: position) { result in
            guard case .events(let events, let through) = result, events.isEmpty else {
                respond(with: result, requested: position)
                return
            }
            noteNothing(from: position, to: through)
            wait(after: through)
        }
    }

    /// However the wait ends, the answer says what happened up to the revision that it names: an
    /// event may have come that the wait has not been told of yet.
    private func wait(after position: Revision) {
        Waits(gateway: gateway).wait(read, filter: filter, after: position, atMost: patience) { _ in
            whenMatched(after: position) { respond(with: $0, requested: position) }
        }
    }

    /// Calls `then` on the loop with what has happened after `position`: at once when that is in
    /// memory, and when it has been read from the history else.
    private func whenMatched(
        after position: Revision, _ then: @escaping (PollResult) -> Void
    ) {
        let (cache, filter, limit) = (read.endpoint.cache, filter, limit)
        let result = cache.matching(after: position, filter: filter, limit: limit)
        guard case .past = result else {
            then(result)
            return
        }
        let goOn = LoopBound(then)
        let log = gateway.log
        Task(executorPreference: read.exchange.loop) {
            do {
                goOn(try await cache.matchingPast(after: position, filter: filter, limit: limit))
            } catch {
                log.error("past events of \(cache.description.name): \(error)")
                goOn(.expired(oldest: cache.oldestInMemory))
            }
        }
    }

    private var patience: Duration {
        options.timeoutSeconds.map { Duration.seconds($0) } ?? Limits.pollWaitDefault
    }

    private var limit: Int {
        min(options.limit ?? Limits.pollEventCountDefault, Limits.pollEventCountMax)
    }

    private func respond(with result: PollResult, requested: Revision) {
        switch result {
        case .events(let events, let through):
            if events.isEmpty { noteNothing(from: requested, to: through) }
            var list = WatchEventList(through: through)
            for event in events { list.append(items.encode(event)) }
            respond(list)
        case .past: preconditionFailure("the history has been read")
        case .expired(let oldest):
            let refusal = expired(requested, oldest: oldest)
            read.refuse(cursor.map { refusal.startingOver($0.name) } ?? refusal)
        }
    }

    /// 410 for a position that has fallen out of the window.
    func expired(_ requested: Revision, oldest: Revision) -> APIStatus {
        .watchExpired(
            requested: requested.rawValue, oldest: oldest.rawValue,
            newest: read.endpoint.cache.snapshot().revision.rawValue)
    }

    /// The client of a cursor is about to acknowledge that nothing came.
    private func noteNothing(from position: Revision, to end: Revision) {
        guard let cursor else { return }
        gateway.cursors.quiet.extend(cursor, from: position, to: end)
    }

    private func respondWithPresentState() {
        let snapshot = read.endpoint.cache.snapshot()
        read.endpoint.cache.figures.count(.poll, .initial)
        var list = WatchEventList(through: snapshot.revision)
        let items = items
        snapshot.forEach(matching: filter) { object in
            list.append(items.encode(.change(.added, object)))
            return true
        }
        respond(list)
    }

    private var items: EventItems {
        read.endpoint.views.items(for: read.acceptance.view, read.query)
    }

    private func respond(_ list: WatchEventList) {
        do {
            var answer = try Representation.document(list.document, read.acceptance)
            answer.entityTag = EntityTag(list.through)
            read.respond(answer)
        } catch {
            read.refuse(error)
        }
    }
}

/// The answer of a long-poll: `{kind: WatchEventList, metadata: {resourceVersion}, items: […]}`.
struct WatchEventList {
    /// The position to poll from next.
    let through: Revision
    private var items: [Bytes] = []

    init(through: Revision) { self.through = through }

    mutating func append(_ item: Bytes) { items.append(item) }

    var document: Bytes {
        var buffer = ByteBuffer(reserving: items.reduce(160) { $0 + $1.count + 1 })
        buffer.append(
            literal: #"{"kind":"WatchEventList","apiVersion":"binnacle.dev/v1","metadata":{"#)
        buffer.append(literal: "\"resourceVersion\":\"")
        buffer.append(decimal: through.rawValue)
        buffer.append(literal: "\"},\"items\":[")
        for (index, item) in items.enumerated() {
            if index > 0 { buffer.append(0x2c) }
            buffer.append(item)
        }
        buffer.append(literal: "]}\n")
        return buffer.freeze()
    }
}
