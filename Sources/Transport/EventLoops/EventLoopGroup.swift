// The loops of a process.

import Synchronization
import SystemCalls

/// Several loops over which work is spread.
public final class EventLoopGroup: Sendable {
    public let loops: [EventLoop]
    private let turn = Atomic<Int>(0)

    /// - Throws: `SystemError` for lack of descriptors, threads or memory.
    /// - Precondition: `count` is at least 1.
    public init(
        count: Int, clock: any LoopClock = MonotonicClock()
    ) throws(SystemError) {
        precondition(count >= 1, "no loops")
        var loops: [EventLoop] = []
        for _ in 0..<count { loops.append(try EventLoop(clock: clock)) }
        self.loops = loops
    }

    /// The loops one after the other, and then from the start.
    public func next() -> EventLoop {
        let index = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        return loops[Int(UInt(bitPattern: index) % UInt(loops.count))]
    }

    /// Closes every socket of every loop. Until then, the loops stay, whoever refers to them.
    public func shutDown() {
        for loop in loops { loop.shutDown() }
    }
}
