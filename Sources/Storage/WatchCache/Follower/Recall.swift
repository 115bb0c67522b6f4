// Taking the newest part of the past into memory when the cache is loaded.

import Buffers
import Storage

extension Cache {
    /// Fills the logs with the events before `end`, which the resources have been listed at, so
    /// that watchers that were away for a short time do not have to read the disk. Does without
    /// when the history cannot be read.
    func recall(through end: Revision) async {
        guard let history = common.history else { return }
        let count = UInt64(common.limits.recalledRevisionCount)
        let start = max(
            history.oldestPosition,
            Revision(end.rawValue - min(end.rawValue, count)))
        let resources = byPrefix.filter { $0.value.floor == end }
        guard start < end else { return }
        for resource in resources.values { resource.reachBack(to: start) }
        do throws(StorageError) {
            var objects = RecalledObjects()
            var page = try await Self.page(history, after: start, through: end).get()
            while true {
                // One page is read while events are made of the one before.
                let position = page.through
                async let next = Self.page(history, after: position, through: end)
                for (resource, events) in objects.events(page, resources, common) {
                    resource.recall(events)
                }
                trimLogs(resources.values)
                page = try await next.get()
                if position >= end { break }
            }
        } catch {
            common.report(.unreadable(error))
            for resource in resources.values { resource.reachBack(to: end) }
        }
    }

    private static func page(
        _ history: any EventHistory, after position: Revision, through end: Revision
    ) async -> Result<HistoryPage, StorageError> {
        guard position < end else { return .success(HistoryPage(events: [], through: position)) }
        do throws(StorageError) {
            return .success(
                try await history.events(HistoryRequest(.all, after: position, through: end)))
        } catch {
            return .failure(error)
        }
    }
}

/// The objects that past events have led to, so that equal ones are held once.
private struct RecalledObjects {
    private var latest: [Key: CachedObject] = [:]

    /// The events of a page by resource.
    mutating func events(
        _ page: HistoryPage, _ resources: [Bytes: ResourceCache], _ common: CacheCommon
    ) -> [(ResourceCache, [LogEvent])] {
        var parts: [Bytes: [LogEvent]] = [:]
        for past in page.events {
            guard let prefix = past.event.key.resourcePrefix, let resource = resources[prefix],
                let event = event(past, resource, common)
            else { continue }
            parts[prefix, default: []].append(event)
        }
        return parts.map { (resources[$0.key]!, $0.value) }
    }

    private mutating func event(
        _ past: PastEvent, _ resource: ResourceCache, _ common: CacheCommon
    ) -> LogEvent? {
        let present = resource.presentObject(past.event.key)
        let last = latest[past.event.key]
        let event = resource.form.logEvent(
            past,
            known: { _, revision in
                if let present, present.revision == revision { return present }
                return last?.revision == revision ? last : nil
            }, sequence: common.nextPastSequence)
        if let event { latest[past.event.key] = event.object }
        return event
    }
}
