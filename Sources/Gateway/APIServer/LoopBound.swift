/// What is to go on when something that was waited for is there: a closure that stays on one loop
/// while it waits in a task.
struct LoopBound<Outcome>: @unchecked Sendable {
    // Reason: made and called on the same loop, never at the same time.
    private let body: (Outcome) -> Void

    init(_ body: @escaping (Outcome) -> Void) { self.body = body }

    func callAsFunction(_ outcome: Outcome) { body(outcome) }
}
