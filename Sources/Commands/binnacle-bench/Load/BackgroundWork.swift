import Dispatch
import Synchronization

/// Work on another thread that can fail.
final class BackgroundWork: Sendable {
    private let group = DispatchGroup()
    private let failure = Mutex<(any Error)?>(nil)

    init(_ work: @escaping @Sendable () throws -> Void) {
        DispatchQueue.global().async(group: group) { [self] in
            do {
                try work()
            } catch {
                failure.withLock { $0 = error }
            }
        }
    }

    /// What it threw, if it has.
    var error: (any Error)? { failure.withLock { $0 } }

    /// Waits until it is done.
    /// - Throws: what it threw.
    func wait() throws {
        group.wait()
        if let error = failure.withLock({ $0 }) { throw error }
    }
}
