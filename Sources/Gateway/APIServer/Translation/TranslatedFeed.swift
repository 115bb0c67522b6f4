// The objects of a custom resource in one of its versions, kept up with the store.

import APIModel
import Storage
import Synchronization
import WatchCache

/// A cache of translated objects. It follows the store by itself, so that reads find objects as
/// they are to be shown, and waits for the webhook in the order of events.
final class TranslatedFeed: Sendable {
    let resource: ResourceCache
    private let cache: Cache
    private let health: TranslationHealth
    private let task = Mutex<Task<Void, Never>?>(nil)

    /// - Parameter main: what the stored objects are in, which shares its watchers.
    init(of store: any Store, beside main: Cache, _ translator: ObjectTranslator) {
        health = TranslationHealth()
        let description = ResourceEndpoint.description(of: translator.resource)
        var limits = WatchCache.Limits()
        limits.logByteCountMax = Limits.translatedLogByteCountMax
        limits.leafByteCountMax = Limits.translatedLeafByteCountMax
        limits.backoffMax = Limits.translationRetryInterval
        // Translating what nobody may ask for would cost a start its speed.
        limits.recalledRevisionCount = 0
        let translated = TranslatedStore(store: store, translator: translator, health: health)
        cache = Cache(
            store: translated, history: TranslatedHistory(of: translated),
            resources: [description], beside: main, limits: limits)
        resource = cache.required(description.name)
    }

    /// Follows the store from now on.
    func start() {
        let cache = cache
        let new = Task {
            while !Task.isCancelled {
                do {
                    try await cache.load()
                    break
                } catch {
                    try? await Task.sleep(for: Limits.translationRetryInterval)
                }
            }
            guard !Task.isCancelled else { return }
            await cache.run()
        }
        task.withLock { $0 = new }
    }

    /// Ends that, its watchers, and the waits for it: something else is served now.
    func stop() {
        task.withLock { $0?.cancel() }
        cache.remove(resource.description.name)
        health.end(Self.replaced)
    }

    private static let replaced: APIStatus = {
        var status = APIStatus.serviceUnavailable(
            "the definition of the resource has changed, try again")
        status.details = APIStatus.Details()
        status.details?.retryAfterSeconds = 1
        return status
    }()

    /// How far it has come.
    var appliedRevision: Revision { cache.appliedRevision }

    /// Waits until it has come to `revision`.
    /// - Throws: 500 when the webhook fails meanwhile, or the time is up; 503 when the store does,
    ///   and when the feed has ended.
    func reach(_ revision: Revision) async throws(APIStatus) {
        guard appliedRevision < revision else { return }
        let failure = await withTaskGroup(of: APIStatus?.self) { group in
            group.addTask { [cache] in
                _ = await cache.waitUntilApplied(revision)
                return nil
            }
            group.addTask { [health] in await health.nextFailure() }
            group.addTask {
                try? await Task.sleep(for: Limits.translationWait)
                return .internalError("conversion webhook failed: it takes too long")
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        guard let failure, appliedRevision < revision else { return }
        throw failure
    }
}
