/// The clock and the chance that waits are made of.
package struct EtcdClock: Sendable {
    /// The time since some fixed moment.
    package var now: @Sendable () -> Duration
    /// Waits so long, or until the task is cancelled.
    package var sleep: @Sendable (Duration) async -> Void
    /// At random, in `0..<1`.
    package var jitter: @Sendable () -> Double

    package static let system: EtcdClock = {
        let start = ContinuousClock.now
        return EtcdClock(
            now: { ContinuousClock.now - start }, sleep: { try? await Task.sleep(for: $0) },
            jitter: { .random(in: 0..<1) })
    }()
}
