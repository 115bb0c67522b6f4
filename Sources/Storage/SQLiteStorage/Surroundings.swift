import Glibc

/// What the writer is given from outside: limits, the clock, and the faults of a test.
package struct Surroundings: Sendable {
    let isFaulty: FaultInjection
    let wallTime: @Sendable () -> Int64
    let byteCountMax: Int?
    let retention: Retention?
    /// See `Limits.savedRowCountMin`.
    var savedRowCountMin = Limits.savedRowCountMin

    /// The system's time since 1970, in milliseconds.
    package static let systemTime: @Sendable () -> Int64 = {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }
}
