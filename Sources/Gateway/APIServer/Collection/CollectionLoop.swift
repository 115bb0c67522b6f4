import Access
import EventLoops
import Resources
import Storage
import WatchCache

extension Gateway {
    /// Lets objects follow their owners from now on.
    func startGarbageCollection() {
        guard writer.environment.collectsGarbage, let services = services.values.first else {
            return
        }
        let (changes, continuation) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let collection = GarbageCollection(environment: writer.environment, log: log)
        Task { [weak self, cache] in
            var follower = OwnerFollower(cache)
            var iterator = changes.makeAsyncIterator()
            repeat {
                guard let table = self?.table else { return }
                follower.follow(table.storageEndpoints.map(\.kept)) { resource, mark in
                    self?.set(mark, atChangesOf: resource, services, continuation)
                }
                follower.catchUp()
                let work = follower.takeWork()
                guard !work.isEmpty else { continue }
                let rest = await collection.carryOut(
                    work, follower.graph, OwnerDirectory(table))
                guard !rest.isEmpty else { continue }
                follower.putBack(rest)
                services.loop.execute {
                    services.loop.schedule(after: Limits.collectionRetryInterval) {
                        continuation.yield()
                    }
                }
            } while await iterator.next() != nil
        }
    }

    /// Sets `mark` at every change of a resource, until the watches end.
    func set(
        _ mark: ChangeMark, atChangesOf resource: ResourceCache, _ services: LoopServices,
        _ continuation: AsyncStream<Void>.Continuation
    ) {
        services.loop.execute { [weak self] in
            guard let self, !hasBegunToStop else { return continuation.finish() }
            var request = WatchRequest(
                filter: resource.filter(Selection()),
                start: .after(resource.snapshot().revision), encoder: NoFrames.shared)
            request.isCounted = false
            _ = services.demux.watch(
                resource, request, sink: MarkingSink(mark, continuation))
            // What came before the watch began is seen now.
            mark.set()
            continuation.yield()
        }
    }
}
