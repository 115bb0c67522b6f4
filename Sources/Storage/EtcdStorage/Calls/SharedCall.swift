// One call in the place of many that ask the same.

import Synchronization

/// A call that serves everybody who was waiting when it began. Who comes while it is under way
/// waits for the next one: its answer may be older than the question. A failure is no answer, and
/// theirs, too: nobody waits for more than one that fails.
final class SharedCall<Answer: Sendable, Failure: Error>: Sendable {
    private typealias Waiter = CheckedContinuation<Result<Answer, Failure>, Never>

    private struct State {
        var isRunning = false
        var waiting: [Waiter] = []
    }

    private let call: @Sendable () async -> Result<Answer, Failure>
    private let state = Mutex(State())

    init(_ call: @escaping @Sendable () async throws(Failure) -> Answer) {
        self.call = {
            do throws(Failure) { return .success(try await call()) } catch {
                return .failure(error)
            }
        }
    }

    /// How many wait for the next call.
    var waiterCount: Int { state.withLock { $0.waiting.count } }

    /// The answer to a call that begins after this was asked for.
    func answer() async throws(Failure) -> Answer {
        try await withCheckedContinuation { (waiter: Waiter) in
            let isFirst = state.withLock { state in
                state.waiting.append(waiter)
                defer { state.isRunning = true }
                return !state.isRunning
            }
            // Not the caller's task: others wait for it, too.
            if isFirst { Task.detached { await self.run() } }
        }.get()
    }

    private func run() async {
        while let waiters = nextWaiters() {
            let answer = await call()
            for waiter in waiters { waiter.resume(returning: answer) }
            guard case .failure = answer else { continue }
            for waiter in takeWaiting() { waiter.resume(returning: answer) }
        }
    }

    private func nextWaiters() -> [Waiter]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isRunning = false
                return nil
            }
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    private func takeWaiting() -> [Waiter] {
        state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
    }
}
