// What is counted and logged of authentication.

import Access
import Crypto
import Logging
import Observability
import Synchronization
import SystemCalls

/// Counts who was let in and who was not, and says why. Never shows credentials.
final class AuthenticationFigures: Sendable {
    private let successes: Counter
    private let failures: Counter
    private let reasons: Family<Counter>
    private let log: Logger
    private let quota = Mutex(LineQuota(Limits.refusalLinesPerSecondMax))

    init(_ registry: MetricsRegistry, _ log: Logger) {
        let attempts = registry.counters(
            "authentication_attempts", help: "Requests whose sender had to be found out.",
            labels: ["result"])
        successes = attempts.child("success")
        failures = attempts.child("failure")
        reasons = registry.counters(
            "binnacle_authentication_failures_total",
            help: "Requests that got 401, by what was wrong with the credentials.",
            labels: ["reason"])
        self.log = log
    }

    func succeeded() { successes.increment() }

    func failed(_ failure: AuthenticationFailure, _ peer: SocketAddress, _ now: WallTime) {
        failures.increment()
        reasons.child(failure.reason).increment()
        guard let unsaid = quota.withLock({ $0.take(at: now.seconds) }) else { return }
        let detail = failure.detail.prefix(Limits.loggedReasonCountMax)
        log.warning("\(peer) got 401: \(failure.reason): \(detail)")
        if unsaid > 0 { log.warning("\(unsaid) more got 401 and were not logged one by one") }
    }
}
