/// How long requests that wait are let wait: never longer than their clients do, and not all for
/// the same time, so that those who came together do not come back together.
struct Patience: Sendable {
    /// Draws a number from 0 up to 1, which it does not reach. Called on any thread.
    let random: @Sendable () -> Double

    /// For a long-poll or a conditional read whose client waits for `asked`.
    func ofWait(_ asked: Duration) -> Duration {
        max(shortened(min(asked, Limits.waitMax)) - Limits.waitMargin, .zero)
    }

    /// For a watch; without a time asked for, between one and two times the least.
    func ofWatch(_ asked: Duration?) -> Duration {
        guard let asked else { return Limits.watchDurationMin * (1 + random()) }
        return shortened(asked)
    }

    private func shortened(_ asked: Duration) -> Duration {
        asked - asked * (random() * Limits.waitJitter)
    }
}
