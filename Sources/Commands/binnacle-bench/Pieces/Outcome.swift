import Dispatch
import Synchronization

/// What asynchronous work comes to, for a thread that waits for it.
final class Outcome<Value: Sendable>: Sendable {
    private let group = DispatchGroup()
    private let result = Mutex<Result<Value, any Error>?>(nil)

    init() { group.enter() }

    /// - Precondition: called once.
    func finish(_ result: Result<Value, any Error>) {
        self.result.withLock { $0 = result }
        group.leave()
    }

    func wait() throws -> Value {
        group.wait()
        guard let result = result.withLock({ $0 }) else { preconditionFailure("not finished") }
        return try result.get()
    }
}
