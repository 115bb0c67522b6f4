// How a commit wakes those who wait for it.

import Synchronization

/// The newest published revision, and a way to wait for a newer one without polling.
package final class CommitSignal: Sendable {
    package enum Outcome: Hashable, Sendable { case advanced, closed, cancelled }

    private struct State {
        var newest: Revision
        var isClosed = false
        var waiters: [UInt64: CheckedContinuation<Outcome, Never>] = [:]
        var lastWaiter: UInt64 = 0
    }

    private let state: Mutex<State>

    package init(at newest: Revision) { state = Mutex(State(newest: newest)) }

    /// Publishes `revision` and wakes every waiter.
    package func advance(to revision: Revision) {
        let woken = state.withLock { state in
            guard revision > state.newest else { return [CheckedContinuation<Outcome, Never>]() }
            state.newest = revision
            defer { state.waiters.removeAll(keepingCapacity: true) }
            return Array(state.waiters.values)
        }
        for waiter in woken { waiter.resume(returning: .advanced) }
    }

    /// Ends every wait, now and later.
    package func close() {
        let woken = state.withLock { state in
            state.isClosed = true
            defer { state.waiters.removeAll() }
            return Array(state.waiters.values)
        }
        for waiter in woken { waiter.resume(returning: .closed) }
    }

    /// Returns once a revision newer than `revision` has been published.
    package func wait(past revision: Revision) async -> Outcome {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { register($0, id: id, past: revision) }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
            waiter?.resume(returning: .cancelled)
        }
    }

    private func register(
        _ waiter: CheckedContinuation<Outcome, Never>, id: UInt64, past revision: Revision
    ) {
        // The cancellation handler may have run before there was a waiter to resume. The task is
        // marked as cancelled before that, and the lock orders the two.
        let outcome: Outcome? = state.withLock { state in
            if Task.isCancelled { return .cancelled }
            if state.isClosed { return .closed }
            if state.newest > revision { return .advanced }
            state.waiters[id] = waiter
            return nil
        }
        if let outcome { waiter.resume(returning: outcome) }
    }
}
