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
            var request = HistoryRequest(.all, after: start, through: end)
            var objects = RecalledObjects()
            while request.position < end {
                let page = try await history.events(request)
                for (resource, events) in objects.events(page, resources, common) {
                    resource.recall(events)
                }
                trimLogs(resources.values)
                request.position = page.through
            }
        } catch {
            common.report(.unreadable(error))
            for resource in resources.values { resource.reachBack(to: end) }
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
