// How far the cache has come, and who waits for it to come further.

import Storage
import Synchronization

/// The newest revision that all resources show, and the callers that wait for a later one.
final class Progress: Sendable {
    private struct Waiter {
        let revision: Revision
        let number: UInt64
        let wake: @Sendable (Bool) -> Void
    }

    private struct Waiters {
        /// In the order of their revisions; most are for a revision past all others.
        var sorted: ContiguousArray<Waiter> = []
        var nextNumber: UInt64 = 0
    }

    private let current: Atomic<UInt64>
    private let resets = Atomic<UInt64>(0)
    private let waiters = Mutex(Waiters())

    init() { current = Atomic(0) }

    var applied: Revision { Revision(current.load(ordering: .sequentiallyConsistent)) }

    /// How often the cache was rebuilt from a store that had gone back.
    var resetCount: UInt64 { resets.load(ordering: .sequentiallyConsistent) }

    var waiterCount: Int { waiters.withLock { $0.sorted.count } }

    /// Moves to `revision` and wakes those who waited for it.
    func advance(to revision: Revision) {
        current.store(revision.rawValue, ordering: .sequentiallyConsistent)
        let woken = waiters.withLock { waiters -> ContiguousArray<Waiter>.SubSequence in
            let end = waiters.sorted.partitioningIndex { $0.revision > revision }
            guard end > 0 else { return [] }
            let woken = waiters.sorted[..<end]
            waiters.sorted.removeFirst(end)
            return woken
        }
        for waiter in woken { waiter.wake(true) }
    }

    /// Notes that positions from before mean nothing any more.
    func noteReset() { resets.add(1, ordering: .sequentiallyConsistent) }

    /// Calls `wake` once: with true when `revision` is applied, or with false when `cancel` came
    /// first. Calls it at once when there is nothing to wait for.
    /// - Returns: what `cancel` takes; `nil` when `wake` has been called.
    @discardableResult
    func register(_ revision: Revision, _ wake: @escaping @Sendable (Bool) -> Void) -> UInt64? {
        if applied >= revision {
            wake(true)
            return nil
        }
        let number = waiters.withLock { waiters -> UInt64? in
            // Looked at again under the lock: `advance` moves on before it takes the lock.
            if applied >= revision { return nil }
            let number = waiters.nextNumber
            waiters.nextNumber += 1
            let index = waiters.sorted.partitioningIndex { $0.revision > revision }
            waiters.sorted.insert(
                Waiter(revision: revision, number: number, wake: wake), at: index)
            return number
        }
        if number == nil { wake(true) }
        return number
    }

    /// Ends the wait that `register` gave this number, if it still lasts.
    func cancel(_ number: UInt64) {
        let cancelled = waiters.withLock { waiters -> Waiter? in
            guard let index = waiters.sorted.firstIndex(where: { $0.number == number }) else {
                return nil
            }
            return waiters.sorted.remove(at: index)
        }
        cancelled?.wake(false)
    }
}
