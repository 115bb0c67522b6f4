// Keeps the status of quotas what there is.

import APIModel
import Access
import Admission
import Buffers
import EventLoops
import JSON
import Logging
import Resources
import Storage
import WatchCache

/// Writes what has become less, and what nobody has counted yet. Several gateways may do this at
/// once: each count is for the state of the quota that was read before it.
struct QuotaRecount: Sendable {
    let environment: WriteEnvironment
    let book: QuotaBook
    let log: Logger

    /// Writes nothing where the status is right.
    /// - Returns: whether it is.
    func run(_ namespace: String) async -> Bool {
        var names: [String] = []
        book.quotas.cache.snapshot().forEach(in: book.quotas.range(namespace: Bytes(namespace))) {
            names.append($0.name.description)
            return true
        }
        var isDone = true
        for name in names where await !settle(name, namespace) { isDone = false }
        return isDone
    }

    private func settle(_ name: String, _ namespace: String) async -> Bool {
        let target = WriteTarget(
            endpoint: book.quotas, namespace: namespace, name: name, subresource: "status")
        let book = book
        let cache = environment.cache
        do {
            _ = try await ObjectUpdate(
                environment: environment, request: environment.request(target),
                change: { current throws(APIStatus) in
                    // What is counted must be all that the quota may have been charged with.
                    guard cache.appliedRevision >= current.revision else {
                        throw .outdated(book.quotas.qualifiedResource)
                    }
                    let account = QuotaAccount(current.value)
                    let used = QuotaCount(table: book.kinds.state.table)
                        .used(account, in: namespace)
                    var quota = current.value
                    quota["status"] = account.status(using: used)
                    return (quota, [])
                }
            ).run()
            return true
        } catch {
            if error.reason == .notFound { return true }
            log.debug("the quota \(namespace)/\(name) is counted again later: \(error)")
            return false
        }
    }
}

extension Gateway {
    /// Keeps quotas up to date from now on.
    func startQuotas() {
        guard let book = writer.environment.quotas, let services = services.values.first else {
            return
        }
        let (changes, continuation) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let recount = QuotaRecount(environment: writer.environment, book: book, log: log)
        let isDue = ChangeMark()
        services.loop.execute { [weak self] in
            self?.scheduleQuotaCount(services, isDue, continuation)
        }
        Task { [weak self, cache] in
            var follower = QuotaFollower(book.quotas, cache)
            var iterator = changes.makeAsyncIterator()
            repeat {
                guard let table = self?.table else { return }
                follower.follow(table) { resource, mark in
                    self?.set(mark, atChangesOf: resource, services, continuation)
                }
                var due = follower.catchUp()
                if isDue.take() { due = follower.all }
                guard !due.isEmpty else { continue }
                let began = ContinuousClock.now
                for namespace in due where await !recount.run(namespace) {
                    isDue.set()
                    self?.retryQuotas(services, continuation)
                }
                // A namespace that is being emptied is not counted at every single deletion.
                try? await Task.sleep(for: (ContinuousClock.now - began) * Limits.quotaRestFactor)
            } while await iterator.next() != nil
        }
    }

    private func retryQuotas(
        _ services: LoopServices, _ continuation: AsyncStream<Void>.Continuation
    ) {
        services.loop.execute {
            services.loop.schedule(after: Limits.collectionRetryInterval) {
                continuation.yield()
            }
        }
    }

    private func scheduleQuotaCount(
        _ services: LoopServices, _ isDue: ChangeMark,
        _ continuation: AsyncStream<Void>.Continuation
    ) {
        services.loop.schedule(after: Limits.quotaCountInterval) { [weak self] in
            guard let self, !hasBegunToStop else { return }
            isDue.set()
            continuation.yield()
            scheduleQuotaCount(services, isDue, continuation)
        }
    }
}
