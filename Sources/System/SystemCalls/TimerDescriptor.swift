// A descriptor that becomes readable at a point in time.

import CLinux
import Glibc

/// A one-shot alarm on the monotonic clock, as a descriptor.
public struct TimerDescriptor: ~Copyable, Sendable {
    private let descriptor: Descriptor

    /// - Throws: what timerfd_create(2) refused.
    public init() throws(SystemError) {
        let result = clinux_timer_create()
        guard result >= 0 else { throw .last("timerfd_create") }
        descriptor = Descriptor(takingOwnership: result)
    }

    public var rawDescriptor: CInt { descriptor.rawValue }

    /// Fires once when the monotonic clock reaches `nanoseconds`; nil stops it.
    public borrowing func set(nanoseconds: Int64?) {
        // 0 would disarm, so the earliest moment is 1.
        let result = clinux_timer_set(descriptor.rawValue, nanoseconds.map { max($0, 1) } ?? 0)
        precondition(result == 0, "timerfd_settime: errno \(errno)")
    }

    /// Takes note of having fired, so that the descriptor is not readable any more.
    public borrowing func acknowledge() {
        var expirations: UInt64 = 0
        _ = read(descriptor.rawValue, &expirations, MemoryLayout<UInt64>.size)
    }
}

/// Nanoseconds of the monotonic clock.
public func monotonicNanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// Seconds since 1970-01-01 in UTC.
public func wallClockSeconds() -> Int64 { Int64(time(nil)) }
