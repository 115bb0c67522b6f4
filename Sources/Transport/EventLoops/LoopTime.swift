// The clock of the loops.

import SystemCalls

/// A moment on a loop's clock. Only differences mean something.
public struct LoopTime: Comparable, Hashable, Sendable {
    public let nanoseconds: Int64

    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// A moment that never comes.
    public static let never = LoopTime(nanoseconds: .max)

    /// Later by `nanoseconds`.
    public func advanced(byNanoseconds nanoseconds: Int64) -> LoopTime {
        LoopTime(nanoseconds: self.nanoseconds + nanoseconds)
    }

    public static func < (left: LoopTime, right: LoopTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// Later by `duration`; a moment too far away to be written is the last one there is.
    public static func + (time: LoopTime, duration: Duration) -> LoopTime {
        let (sum, overflow) = time.nanoseconds.addingReportingOverflow(duration.wholeNanoseconds)
        return LoopTime(nanoseconds: overflow ? .max : sum)
    }

    public static func - (later: LoopTime, earlier: LoopTime) -> Duration {
        .nanoseconds(later.nanoseconds - earlier.nanoseconds)
    }
}

extension Duration {
    /// This duration in nanoseconds, as far as they fit.
    var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        let (sum, tooLarge) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        return tooLarge ? .max : sum
    }
}

/// Where a loop reads the time.
public protocol LoopClock: Sendable {
    var now: LoopTime { get }
    /// Whether the kernel's monotonic clock shows the same, so that it can wake a loop.
    var isMonotonicClock: Bool { get }
}

/// The kernel's monotonic clock.
public struct MonotonicClock: LoopClock {
    public init() {}
    public var now: LoopTime { LoopTime(nanoseconds: monotonicNanoseconds()) }
    public var isMonotonicClock: Bool { true }
}
