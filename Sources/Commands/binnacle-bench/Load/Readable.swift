// Waiting for one descriptor. An epoll descriptor is one, so that this is how a poller waits, too.

import Glibc

/// Waits until `descriptor` is ready for `events`, `milliseconds` at most. Returns whether it is.
func waitUntilReady(_ descriptor: CInt, _ events: Int32, milliseconds: Int32) -> Bool {
    var request = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    while true {
        let result = Glibc.poll(&request, 1, milliseconds)
        if result >= 0 { return result > 0 }
        precondition(errno == EINTR, "poll: errno \(errno)")
    }
}

/// Stops this thread until the monotonic clock reaches `nanoseconds`.
func waitUntil(nanoseconds: Int64) {
    var time = timespec(
        tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
}
