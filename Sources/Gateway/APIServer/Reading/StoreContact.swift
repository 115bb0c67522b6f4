// Whether the cache shows all that has been committed, where others commit, too.

import APIModel
import Storage
import Synchronization
import WatchCache

/// The gateway's contact with a store that it is not alone with.
///
/// A read is linearizable when the store is asked how far it is after the read began, and the cache
/// has come as far. While the store cannot be asked, this knows for how long.
final class StoreContact: Sendable {
    private struct State {
        /// When the cache was last known to show everything.
        var confirmed: Duration
        var isLost = false
    }

    private let store: any Store
    private let cache: Cache
    private let now: @Sendable () -> Duration
    private let patience: Duration
    private let state: Mutex<State>

    /// - Parameters:
    ///   - patience: how long the cache may take to come to where the store is.
    ///   - now: the time since some fixed moment.
    init(
        _ store: any Store, _ cache: Cache, patience: Duration,
        now: @escaping @Sendable () -> Duration
    ) {
        self.store = store
        self.cache = cache
        self.patience = patience
        self.now = now
        state = Mutex(State(confirmed: now()))
    }

    /// `nil` where this process is alone with the store.
    convenience init?(_ parts: GatewayParts) {
        guard !parts.store.isExclusive else { return nil }
        let start = ContinuousClock.now
        self.init(
            parts.store, parts.cache, patience: parts.freshnessWait,
            now: { ContinuousClock.now - start })
    }

    /// Waits until the cache shows everything that had been committed when this was called.
    /// - Throws: 503 when the store cannot be asked, or the cache does not get there in time.
    func confirm() async throws(APIStatus) {
        let began = now()
        do throws(StorageError) {
            let revision = try await store.currentRevision()
            guard await cache.wait(for: revision, atMost: patience) else {
                throw .unavailable(
                    reason: "revision \(revision) has not come; \(cache.appliedRevision) is here")
            }
        } catch {
            state.withLock { $0.isLost = true }
            throw APIStatus(storage: error)
        }
        state.withLock { state in
            state.confirmed = max(state.confirmed, began)
            state.isLost = false
        }
    }

    /// How old the cache's state may be while contact is lost; `nil` while it is not.
    var staleness: Duration? {
        state.withLock { $0.isLost ? now() - $0.confirmed : nil }
    }

    /// Asks the store from time to time, so that the loss is known to those who ask nothing
    /// themselves. As long as it `isWanted`.
    func keep(while isWanted: @Sendable () -> Bool) async {
        while isWanted() {
            try? await Task.sleep(for: Limits.contactInterval)
            let isRecent = state.withLock { state in
                !state.isLost && now() - state.confirmed < Limits.contactInterval
            }
            if !isRecent { try? await confirm() }
        }
    }
}

extension Duration {
    /// What a client is told of a state this old.
    var stalenessWarning: String {
        "the store is out of reach: this is the state of \(components.seconds + 1) s ago, or later"
    }
}
