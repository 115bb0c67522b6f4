// Events leave when nobody has written them for a while (kube-apiserver's `--event-ttl`).

import APIModel
import Access
import Buffers
import EventLoops
import JSON
import Logging
import Storage
import WatchCache

/// Deletes the events that are old, from the cache, a step at a time. Several gateways may do this
/// at once: an event that has been written meanwhile stays.
struct EventExpiry: Sendable {
    let environment: WriteEnvironment
    let events: ResourceEndpoint
    /// How long an event stays after it was last written.
    let lifetime: Duration
    let log: Logger

    /// Looks at every event once.
    func run() async {
        let now = environment.now()
        let snapshot = events.cache.snapshot()
        var position: Key?
        repeat {
            let step = step(snapshot, after: position, now)
            position = step.next
            guard await remove(step.expired) else { return }
            if position != nil { try? await Task.sleep(for: Limits.expiryPause) }
        } while position != nil
    }

    private struct Step {
        var expired: [CachedObject] = []
        /// After which key the next one begins; `nil` when there is none.
        var next: Key?
    }

    private func step(_ snapshot: Snapshot, after position: Key?, _ now: Timestamp) -> Step {
        var step = Step()
        var count = 0
        snapshot.forEach(in: events.cache.keyRange, after: position) { object in
            if isExpired(object, now) { step.expired.append(object) }
            count += 1
            guard count == Limits.expiryStepCount else { return true }
            step.next = object.key
            return false
        }
        return step
    }

    /// Most events are young, which is seen without decoding them.
    private func isExpired(_ object: CachedObject, _ now: Timestamp) -> Bool {
        let end = now.seconds - lifetime.components.seconds
        let metadata = Self.times.extract(from: PartialObjectMetadata.metadata(of: object.body))
        let created = metadata[0]?.string.flatMap { Timestamp($0) }
        if let created, created.seconds > end { return false }
        let writes = metadata[1].flatMap { try? JSONValue(parsing: $0.raw) }?.array ?? []
        return !writes.contains { write in
            write["time"]?.string.flatMap { Timestamp($0) }.map { $0.seconds > end } ?? false
        }
    }

    private static let times = JSONExtractor(paths: [["creationTimestamp"], ["managedFields"]])

    /// Some at once, so that the store takes them in one step.
    /// - Returns: false when the store does not take them.
    private func remove(_ expired: [CachedObject]) async -> Bool {
        for start in stride(from: 0, to: expired.count, by: Limits.collectionTaskCountMax) {
            let end = min(start + Limits.collectionTaskCountMax, expired.count)
            let isDone = await withTaskGroup(of: Bool.self) { group in
                for object in expired[start..<end] { group.addTask { await remove(object) } }
                return await group.reduce(true) { $0 && $1 }
            }
            guard isDone else { return false }
        }
        if !expired.isEmpty { log.debug("\(expired.count) events have expired") }
        return true
    }

    private func remove(_ event: CachedObject) async -> Bool {
        do {
            // Whatever else holds an event: it was never meant to last.
            _ = try await environment.commit(
                Transaction(
                    comparisons: [.unchanged(event.key, since: event.revision)],
                    operations: [.delete(event.key)]))
            return true
        } catch {
            log.debug("the event \(event.key) stays for now: \(error)")
            return false
        }
    }
}

extension Gateway {
    /// Looks for old events from now on.
    func startEventExpiry(_ services: LoopServices, _ expiry: EventExpiry) {
        services.loop.execute { [self] in scheduleEventExpiry(services, expiry) }
    }

    private func scheduleEventExpiry(_ services: LoopServices, _ expiry: EventExpiry) {
        let interval = min(Limits.expiryIntervalMax, expiry.lifetime / Limits.expiryLookCount)
        services.loop.schedule(after: interval) { [weak self, weak services] in
            guard let self, let services, !hasBegunToStop else { return }
            guard presence.roster.leads else { return scheduleEventExpiry(services, expiry) }
            Task {
                await expiry.run()
                services.loop.execute { self.scheduleEventExpiry(services, expiry) }
            }
        }
    }
}
