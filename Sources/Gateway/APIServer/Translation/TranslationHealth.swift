import APIModel
import Synchronization

/// How the translation of one version goes, for those who wait for it.
final class TranslationHealth: Sendable {
    private struct State {
        var failureCount = 0
        var waiters: [Int: AsyncStream<APIStatus>.Continuation] = [:]
        var nextNumber = 0
        /// What everybody is told for ever.
        var end: APIStatus?
    }

    private let state = Mutex(State())

    /// How often it has failed on end.
    var failureCount: Int { state.withLock { $0.failureCount } }

    func noteSuccess() { state.withLock { $0.failureCount = 0 } }

    /// Tells those who wait why they will have to wait longer.
    func note(_ failure: APIStatus) {
        let waiters = state.withLock { state in
            state.failureCount += 1
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters {
            waiter.yield(failure)
            waiter.finish()
        }
    }

    /// Tells those who wait, now and later, that nothing comes any more.
    func end(_ why: APIStatus) {
        state.withLock { $0.end = why }
        note(why)
    }

    /// The next failure; `nil` when the task is cancelled first.
    func nextFailure() async -> APIStatus? {
        let (failures, continuation) = AsyncStream.makeStream(of: APIStatus.self)
        let number: Int? = state.withLock { state in
            guard state.end == nil else { return nil }
            state.nextNumber += 1
            state.waiters[state.nextNumber] = continuation
            return state.nextNumber
        }
        guard let number else { return state.withLock { $0.end } }
        defer { state.withLock { $0.waiters[number] = nil } }
        for await failure in failures { return failure }
        return nil
    }
}
