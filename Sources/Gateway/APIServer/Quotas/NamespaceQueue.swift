import Synchronization

/// Lets one task at a time do something in a namespace, in the order in which they come.
final class NamespaceQueue: Sendable {
    /// Those who wait, by namespace; an entry is there while somebody has the turn.
    private let waiting = Mutex<[String: [CheckedContinuation<Void, Never>]]>([:])

    /// The right to go on, to be ended once.
    struct Turn {
        fileprivate let queue: NamespaceQueue
        fileprivate let namespace: String

        func end() { queue.end(namespace) }
    }

    /// Waits for the turn.
    func turn(_ namespace: String) async -> Turn {
        await withCheckedContinuation { continuation in
            let isFree = waiting.withLock { waiting in
                guard waiting[namespace] != nil else {
                    waiting[namespace] = []
                    return true
                }
                waiting[namespace]?.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
        return Turn(queue: self, namespace: namespace)
    }

    private func end(_ namespace: String) {
        let next = waiting.withLock { waiting -> CheckedContinuation<Void, Never>? in
            guard waiting[namespace]?.isEmpty == false else {
                waiting[namespace] = nil
                return nil
            }
            return waiting[namespace]?.removeFirst()
        }
        next?.resume()
    }
}
