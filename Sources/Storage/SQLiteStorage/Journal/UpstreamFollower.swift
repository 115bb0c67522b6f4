// Following the store that the journal is of.

import Buffers
import SQLite
import Storage

/// Delivers what the store's watch brings, and derives what the store has forgotten.
final class UpstreamFollower: Sendable {
    /// Why the following stopped.
    private enum Failure: Error {
        case store(StorageError)
        case diverged(Divergence)
    }

    private let store: any Store
    private let delivery: Delivery
    private let surroundings: JournalSurroundings
    private let report: @Sendable (JournalReport) -> Void

    init(
        _ store: any Store, _ delivery: Delivery, _ surroundings: JournalSurroundings,
        report: @escaping @Sendable (JournalReport) -> Void
    ) {
        self.store = store
        self.delivery = delivery
        self.surroundings = surroundings
        self.report = report
    }

    /// Follows until the task is cancelled.
    func run() async {
        var retry = Retry(surroundings)
        while !Task.isCancelled {
            do throws(Failure) {
                try await follow(&retry)
            } catch {
                guard !Task.isCancelled else { return }
                switch error {
                case .store(let error):
                    let wait = retry.next()
                    report(.broken(error, wait: wait))
                    await surroundings.sleep(wait)
                case .diverged(let divergence):
                    delivery.requestRebuild(.diverged(divergence))
                    await delivery.rebuilt.wait()
                }
            }
        }
    }

    private func follow(_ retry: inout Retry) async throws(Failure) {
        let position = delivery.position
        let known = JournalPosition(
            identity: delivery.journal.identity, revision: position,
            sample: delivery.journal.sample)
        if let divergence = try await asking({ () async throws(StorageError) in
            try await known.divergence(from: self.store)
        }) {
            throw .diverged(divergence)
        }
        do throws(StorageError) {
            let stream = store.watch(after: position, .all)
            while let batch = try await stream.next() {
                deliver(batch)
                retry.reset()
            }
        } catch {
            guard case .compacted = error else { throw .store(error) }
            try await derive()
            return retry.reset()
        }
        if !Task.isCancelled { throw .store(.unavailable(reason: "the watch ended")) }
    }

    private func deliver(_ batch: EventBatch, isDerived: Bool = false) {
        if delivery.deliver(batch, isDerived: isDerived) {
            report(.lost(after: delivery.journal.writtenRevision))
        }
    }

    /// Lists the store, and delivers what leads there.
    private func derive() async throws(Failure) {
        let (known, position) = delivery.latest()
        var missed = MissedEvents(known: known, at: position)
        var last: Key?
        var revision: Revision?
        while true {
            let (after, at) = (last, revision)
            let page = try await asking { () async throws(StorageError) in
                try await self.store.list(
                    .all, after: after, limit: Limits.journalPageCount, at: at)
            }
            if let divergence = missed.compare(page) { throw .diverged(divergence) }
            (last, revision) = (page.items.last?.key, page.revision)
            if !page.hasMore { break }
        }
        guard let revision, revision > position else {
            throw .store(.unavailable(reason: "nothing is after \(position), yet it is compacted"))
        }
        let events = missed.events(at: revision)
        delivery.count { $0.derivedEventCount += events.count }
        report(.derived(after: position, at: revision, eventCount: events.count))
        deliver(EventBatch(events: events, through: revision), isDerived: true)
    }

    private func asking<Answer>(
        _ body: () async throws(StorageError) -> Answer
    ) async throws(Failure) -> Answer {
        do throws(StorageError) {
            return try await body()
        } catch {
            throw .store(error)
        }
    }
}

/// The waits between attempts: doubling, and spread so that several gateways do not come at once.
struct Retry {
    private let first: Duration
    private let longest: Duration
    private var wait: Duration

    init(_ surroundings: JournalSurroundings) {
        first = surroundings.retryFirst
        longest = surroundings.retryMax
        wait = first
    }

    mutating func reset() { wait = first }

    mutating func next() -> Duration {
        defer { wait = min(wait * 2, longest) }
        return wait * Double.random(in: 0.5...1)
    }
}
