// How the cache is loaded from the store and follows it.

import Buffers
import Storage

/// What the following knows between two batches.
struct Follower {
    struct Phase: Sendable {
        enum Step: Sendable { case loaded, following }

        private var isLoaded = false
        private var isFollowing = false

        mutating func enter(_ step: Step) {
            switch step {
            case .loaded:
                precondition(!isLoaded, "loaded twice")
                isLoaded = true
            case .following:
                precondition(isLoaded && !isFollowing, "followed twice, or before it is loaded")
                isFollowing = true
            }
        }

        mutating func leaveFollowing() { isFollowing = false }
    }

    /// The waits between attempts to reach the store: doubling, and spread so that several caches
    /// do not come back at once.
    struct Backoff {
        private let limits: Limits
        private var next: Duration

        init(_ limits: Limits) {
            self.limits = limits
            next = limits.backoffFirst
        }

        mutating func reset() { next = limits.backoffFirst }

        mutating func wait() -> Duration {
            let wait = next * Double.random(in: 0.5...1)
            next = min(next * 2, limits.backoffMax)
            return wait
        }
    }
}

extension Cache {
    /// Reads the store. After this, readers see the state at `appliedRevision`.
    /// - Parameter source: what to read in the store's place, such as a journal of it; the store's
    ///   watch goes on from there. It is asked again when resources are added, and must then show
    ///   everything that the store's watch has brought.
    /// - Throws: what the store throws; it may be tried again then.
    /// - Precondition: it has not been loaded before.
    public func load(from source: (any ItemSource)? = nil) async throws(StorageError) {
        if let source { noteNearby(source) }
        let source = source ?? store
        // Whatever is listed after this shows at least this much.
        var loaded = try await source.currentRevision()
        var wanted: Revision? = nil
        for resource in resources {
            let revision = try await list(resource, from: source, at: wanted)
            if wanted == nil { loaded = revision }
            wanted = revision
        }
        await recall(through: loaded)
        common.noteAge(of: loaded)
        common.progress.advance(to: loaded)
        wakeDemuxes()
        enter(.loaded)
    }

    /// Follows the store until the task is cancelled. Broken watches are opened again; events that
    /// the store has compacted are derived from a listing.
    /// - Precondition: the cache is loaded, and nobody else runs this.
    public func run() async {
        enter(.following)
        defer { leaveFollowing() }
        var backoff = Follower.Backoff(common.limits)
        while !Task.isCancelled {
            let failure = await follow(&backoff)
            guard !Task.isCancelled, let failure else { continue }
            switch failure {
            case .compacted, .future:
                do throws(StorageError) {
                    try await relist()
                    backoff.reset()
                } catch {
                    await pause(after: error, &backoff)
                }
            default:
                await pause(after: failure, &backoff)
            }
        }
    }

    /// Applies what the store's watch brings, until it ends. Returns why it ended; `nil` when the
    /// task was cancelled.
    private func follow(_ backoff: inout Follower.Backoff) async -> StorageError? {
        let stream = store.watch(after: appliedRevision, .all)
        do throws(StorageError) {
            while let batch = try await stream.next() {
                apply(batch, behind: await takeCorrections())
                backoff.reset()
            }
        } catch {
            return error
        }
        return Task.isCancelled ? nil : .unavailable(reason: "the watch ended")
    }

    private func pause(after error: StorageError, _ backoff: inout Follower.Backoff) async {
        let wait = backoff.wait()
        common.report(.broken(error, wait: wait))
        try? await common.clock.sleep(wait)
    }

    // MARK: Applying

    /// Applies whole transactions to all resources, behind what a check has found, and then lets
    /// readers know.
    func apply(_ batch: EventBatch, behind corrections: [Corrections] = []) {
        guard batch.through > appliedRevision else { return }
        if !batch.events.isEmpty || !corrections.isEmpty {
            distribute(batch.events, behind: corrections)
        }
        common.noteAge(of: batch.through)
        common.progress.advance(to: batch.through)
        if !batch.events.isEmpty || !corrections.isEmpty { wakeDemuxes() }
    }

    private func distribute(_ events: [Event], behind corrections: [Corrections]) {
        let resources = byPrefix
        var parts: [(resource: ResourceCache, events: [Event])] = []
        var places: [ObjectIdentifier: Int] = [:]
        for event in events {
            guard let prefix = event.key.resourcePrefix, let resource = resources[prefix] else {
                continue
            }
            if let place = places[ObjectIdentifier(resource)] {
                parts[place].events.append(event)
            } else {
                places[ObjectIdentifier(resource)] = parts.count
                parts.append((resource, [event]))
            }
        }
        for other in corrections where places[ObjectIdentifier(other.resource)] == nil {
            places[ObjectIdentifier(other.resource)] = parts.count
            parts.append((other.resource, []))
        }
        for part in parts {
            part.resource.apply(
                part.events, behind: corrections.filter { $0.resource === part.resource })
        }
        if common.logByteCount > common.limits.logByteCountMax { trimLogs(resources.values) }
    }

    /// Keeps the logs within their share. The largest gives way, so that a busy resource does not
    /// take away the history of the quiet ones.
    func trimLogs(_ resources: some Collection<ResourceCache>) {
        var sizes = resources.map { (resource: $0, byteCount: $0.logSize.byteCount) }
        while common.logByteCount > common.limits.logByteCountMax,
            let largest = sizes.indices.max(by: { sizes[$0].byteCount < sizes[$1].byteCount })
        {
            let dropped = sizes[largest].resource.dropOldestEvents()
            guard dropped > 0 else { return }
            sizes[largest].byteCount -= dropped
        }
    }

    // MARK: Listing

    /// Lists one resource, while changes of it wait, and lets it follow from there.
    @discardableResult
    func list(
        _ resource: ResourceCache, from source: any ItemSource, at wanted: Revision? = nil
    ) async throws(StorageError) -> Revision {
        var wanted = wanted
        while true {
            resource.startListing()
            do throws(StorageError) {
                let (objects, revision) = try await objects(
                    of: resource, from: source, at: wanted)
                if resource.install(objects, at: revision) { return revision }
            } catch {
                guard case .compacted = error else { throw error }
            }
            wanted = nil
        }
    }

    /// All objects of a resource at one revision. Objects are made of one page while the next one
    /// is read.
    private func objects(
        of resource: ResourceCache, from source: any ItemSource, at wanted: Revision?
    ) async throws(StorageError) -> (objects: [CachedObject], revision: Revision) {
        var objects: [CachedObject] = []
        var page = try await page(of: resource, from: source, after: nil, at: wanted).get()
        while page.hasMore {
            let (last, revision) = (page.items.last?.key, page.revision)
            async let next = self.page(of: resource, from: source, after: last, at: revision)
            objects += await self.objects(of: resource, page.items)
            page = try await next.get()
        }
        objects += await self.objects(of: resource, page.items)
        return (objects, page.revision)
    }

    /// The objects of a page. Two processors make them, because that takes longer than reading the
    /// next page.
    private func objects(of resource: ResourceCache, _ items: [Item]) async -> [CachedObject] {
        guard items.count >= Self.itemCountShared else { return resource.objects(items) }
        let middle = items.count / 2
        async let second = resource.objects(items[middle...])
        return resource.objects(items[..<middle]) + (await second)
    }

    /// With so few items, a second task costs as much as it saves.
    private static var itemCountShared: Int { 64 }

    private func page(
        of resource: ResourceCache, from source: any ItemSource, after key: Key?,
        at revision: Revision?
    ) async -> Result<Page, StorageError> {
        do throws(StorageError) {
            return .success(
                try await source.list(
                    resource.keyRange, after: key, limit: common.limits.pageItemCount,
                    at: revision))
        } catch {
            return .failure(error)
        }
    }

    /// All items of a resource at one revision.
    private func items(
        of resource: ResourceCache, at wanted: Revision?
    ) async throws(StorageError) -> (items: [Item], revision: Revision) {
        var items: [Item] = []
        var revision = wanted
        while true {
            let page = try await store.list(
                resource.keyRange, after: items.last?.key, limit: common.limits.pageItemCount,
                at: revision)
            items += page.items
            revision = page.revision
            if !page.hasMore { return (items, page.revision) }
        }
    }

    /// Lists everything after the store has compacted what came next, and derives the missed
    /// events.
    private func relist() async throws(StorageError) {
        let before = appliedRevision
        var revision: Revision?
        var missed: [Event]? = []
        var listings: [(resource: ResourceCache, items: [Item])] = []
        for resource in resources where !resource.interruptListing() {
            let (items, listedAt) = try await items(of: resource, at: revision)
            revision = listedAt
            listings.append((resource, items))
            missed = missed.flatMap { missed in
                resource.missedEvents(items, at: listedAt).map { missed + $0 }
            }
        }
        let through: Revision
        if let revision { through = revision } else { through = try await store.currentRevision() }
        guard let missed, through >= before else { return rebuild(listings, at: through) }
        try await listLatecomers(besides: listings.map(\.resource), missing: through)
        let events = missed.sorted { $0.revision < $1.revision }
        common.report(.relisted(after: before, at: through, derivedEventCount: events.count))
        apply(EventBatch(events: events, through: through))
    }

    /// Lists what was added while the others were compared and does not show `revision` yet.
    private func listLatecomers(
        besides compared: [ResourceCache], missing revision: Revision
    ) async throws(StorageError) {
        for resource in resources where !compared.contains(where: { $0 === resource }) {
            if resource.interruptListing() || resource.floor >= revision { continue }
            try await list(resource, from: store)
        }
    }

    private func rebuild(
        _ listings: [(resource: ResourceCache, items: [Item])], at revision: Revision
    ) {
        common.report(.rebuilt(after: appliedRevision, at: revision))
        for (resource, items) in listings {
            resource.startListing()
            _ = resource.install(resource.objects(items), at: revision)
        }
        common.historyFloor = revision
        common.progress.noteReset()
        common.progress.advance(to: revision)
        wakeDemuxes()
    }
}

extension Key {
    /// The first two segments, with the slash behind them; `nil` when there are fewer.
    var resourcePrefix: Bytes? {
        bytes.withUnsafeBytes { buffer in
            guard let first = buffer.firstIndex(of: UInt8(ascii: "/")) else { return nil }
            guard let second = buffer[(first + 1)...].firstIndex(of: UInt8(ascii: "/")) else {
                return nil
            }
            return bytes[0..<second + 1]
        }
    }
}
