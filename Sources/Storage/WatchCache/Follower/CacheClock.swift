/// The clock that the cache reads and waits on.
public struct CacheClock: Sendable {
    let now: @Sendable () -> Duration
    let sleep: @Sendable (Duration) async throws -> Void

    public init(_ clock: some Clock<Duration>) {
        let start = clock.now
        now = { start.duration(to: clock.now) }
        sleep = { try await clock.sleep(for: $0) }
    }

    public static var continuous: CacheClock { CacheClock(ContinuousClock()) }
}
