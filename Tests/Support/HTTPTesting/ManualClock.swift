import EventLoops
import Synchronization

/// A clock that stands still until it is moved.
public final class ManualClock: LoopClock {
    private let nanoseconds = Atomic<Int64>(1_000_000_000_000)

    public init() {}

    public var now: LoopTime { LoopTime(nanoseconds: nanoseconds.load(ordering: .relaxed)) }
    public var isMonotonicClock: Bool { false }

    public func advance(seconds: Int64) {
        nanoseconds.wrappingAdd(seconds * 1_000_000_000, ordering: .relaxed)
    }
}
