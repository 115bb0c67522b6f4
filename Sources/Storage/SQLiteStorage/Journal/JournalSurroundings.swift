import Storage

/// What a journal is given from outside: limits, clocks, and the faults of a test.
package struct JournalSurroundings: Sendable {
    package var file: Surroundings
    /// The time since some fixed moment.
    package var now: @Sendable () -> Duration
    /// Waits so long, or until the task is cancelled.
    package var sleep: @Sendable (Duration) async -> Void
    package var retryFirst = Limits.retryFirst
    package var retryMax = Limits.retryMax
    package var pendingByteCountMax = Limits.pendingByteCountMax
    package var checkDurationMax = Limits.checkDurationMax

    package init(
        _ options: JournaledStore.Options, isFaulty: @escaping FaultInjection = { _ in false },
        wallTime: @escaping @Sendable () -> Int64 = Surroundings.systemTime
    ) {
        file = Surroundings(
            isFaulty: isFaulty, wallTime: wallTime, byteCountMax: options.byteCountMax,
            retention: options.retention)
        let start = ContinuousClock.now
        now = { ContinuousClock.now - start }
        sleep = { try? await Task.sleep(for: $0) }
    }
}
