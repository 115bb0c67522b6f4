// When a call has waited long enough.

import EventLoops

/// The time limits of one call. Performs no I/O and reads no clock.
struct Deadlines {
    private let limits: TimeLimits
    private let end: LoopTime
    private var wait = CallFailure.Wait.connection
    private var waitEnds = LoopTime.never

    init(_ limits: TimeLimits, now: LoopTime) {
        self.limits = limits
        end = limits.whole.map { now + $0 } ?? .never
    }

    /// Starts to wait for something else, or for the next piece of the same.
    mutating func begin(_ wait: CallFailure.Wait, now: LoopTime) {
        self.wait = wait
        switch wait {
        case .connection: waitEnds = now + limits.connect
        case .firstByte: waitEnds = now + limits.firstByte
        case .nextByte: waitEnds = limits.idle.map { now + $0 } ?? .never
        case .end: waitEnds = .never
        }
    }

    /// Waits for nothing but the reader of the body, who may take the time that is left.
    mutating func pause() { waitEnds = .never }

    /// The earliest moment at which `expired` can be something.
    var due: LoopTime { min(end, waitEnds) }

    /// What was waited for too long.
    func expired(now: LoopTime) -> CallFailure.Wait? {
        if end <= now { return .end }
        return waitEnds <= now ? wait : nil
    }
}
