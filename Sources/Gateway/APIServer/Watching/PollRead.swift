// GET with `poll=true`: one document with the events after a position, as soon as there is one.

import APIModel
import Buffers
import HTTPServer
import Storage
import WatchCache

struct PollRead {
    let gateway: Gateway
    let read: ReadRequest
    let options: ListOptions
    let filter: Filter

    /// Answers with the present state when no position is named; else when something has happened
    /// after the position, or the time is up.
    func run() {
        guard let number = options.resourceVersion, number > 0 else {
            respondWithPresentState()
            return
        }
        let position = Revision(number)
        gateway.whenReached(position, read) { poll(after: position) }
    }

    private func poll(after position: Revision) {
        guard respondWithEvents(after: position) == false else { return }
        Waits(gateway: gateway).wait(read, filter: filter, after: position, atMost: patience) {
            end in
            if end == .changed, respondWithEvents(after: position) { return }
            let through = max(position, read.endpoint.cache.snapshot().revision)
            respond(WatchEventList(through: end == .changed ? position : through))
        }
    }

    private var patience: Duration {
        let asked = options.timeoutSeconds.map { Duration.seconds($0) }
        return min(asked ?? Limits.pollWaitDefault, Limits.waitMax)
    }

    private var limit: Int {
        min(options.limit ?? Limits.pollEventCountDefault, Limits.pollEventCountMax)
    }

    /// - Returns: whether there was anything to answer with.
    private func respondWithEvents(after position: Revision) -> Bool {
        switch read.endpoint.cache.matching(after: position, filter: filter, limit: limit) {
        case .expired(let oldest):
            read.refuse(
                .watchExpired(
                    requested: position.rawValue, oldest: oldest.rawValue))
            return true
        case .events(let events, let through):
            guard !events.isEmpty else { return false }
            var list = WatchEventList(through: through)
            for event in events { list.append(items.encode(event)) }
            respond(list)
            return true
        }
    }

    private func respondWithPresentState() {
        let snapshot = read.endpoint.cache.snapshot()
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
