// What tests do with a loop whose clock they move.

import EventLoops

/// Something to be tested that lives on one loop, with a clock that is moved by hand.
public protocol LoopRig: Sendable {
    var clock: ManualClock { get }
    var loop: EventLoop { get }
}

extension LoopRig {
    /// Does `work` on the loop, after everything that is on its way there.
    @discardableResult
    public func onLoop<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            loop.execute { continuation.resume(returning: work()) }
        }
    }

    /// Moves the clock and does what became due.
    public func advance(seconds: Int64) async {
        clock.advance(seconds: seconds)
        await onLoop { [loop] in loop.runDueWork() }
    }

    /// Waits until `condition` holds on the loop; only what is broken lets it wait for ever.
    public func wait(until condition: @escaping @Sendable () -> Bool) async {
        while !(await onLoop(condition)) { await Task.yield() }
    }
}
