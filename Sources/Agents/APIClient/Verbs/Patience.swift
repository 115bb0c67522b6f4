// How a client behaves towards a server that says it is busy.

import HTTPClient
import HTTPWire

/// Whether, and when, a request goes to a busy server again. Performs no I/O and reads no clock.
struct Patience {
    private var left: Int
    private let waitMax: Duration
    private var ownWait = Duration.milliseconds(250)

    init(_ limits: Limits) {
        left = limits.busyRetryCountMax
        waitMax = limits.busyWaitMax
    }

    /// How long to wait before the request is sent again; nil when the answer counts.
    /// - Parameter retryAfter: what the server says, in seconds (RFC 9110, 10.2.3).
    mutating func wait(
        after status: HTTPStatus, retryAfter: Int?, isRepeatable: Bool
    ) -> Duration? {
        // 429 says that nothing was done; 503 does so only for what does nothing anyway.
        let mayRepeat =
            status == .tooManyRequests
            || (status == .serviceUnavailable && isRepeatable && retryAfter != nil)
        guard mayRepeat, left > 0 else { return nil }
        left -= 1
        defer { ownWait = min(ownWait * 2, waitMax) }
        return min(retryAfter.map { .seconds($0) } ?? ownWait, waitMax)
    }
}
