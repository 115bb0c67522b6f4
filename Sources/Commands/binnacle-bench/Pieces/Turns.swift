import Synchronization

/// A loop whose turns are taken by hand.
final class Turns: Sendable {
    private let work = Mutex<[@Sendable () -> Void]>([])

    func add(_ turn: @escaping @Sendable () -> Void) { work.withLock { $0.append(turn) } }

    /// Takes turns until nobody asks for one.
    func run() {
        while true {
            let next = work.withLock { work in
                defer { work = [] }
                return work
            }
            if next.isEmpty { return }
            for turn in next { turn() }
        }
    }
}
