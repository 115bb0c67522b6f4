import APIModel
import Glibc

/// The time of day.
enum WallClock {
    /// Now, in whole seconds, as `metadata` has it.
    static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: Int64(time.tv_sec))
    }

    /// Now, in microseconds.
    static func preciseNow() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(
            seconds: Int64(time.tv_sec), microseconds: Int32(time.tv_nsec / 1000))
    }
}
