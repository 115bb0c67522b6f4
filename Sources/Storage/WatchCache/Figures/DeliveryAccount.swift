// What a fan-out adds to the figures, without a price for each delivery.

import Observability
import Storage

/// The deliveries that are not yet in the figures. They are put down for many watchers at a time,
/// with one look at the clock.
struct DeliveryAccount {
    /// How many watchers are served between two looks at the clock: at 3 µs each, a fifth of a
    /// millisecond.
    static let watcherCount = 64

    private var eventCount = 0
    private var appliedAt: ClockTime?

    /// Begins with events of which the oldest was applied at `time`.
    mutating func begin(appliedAt time: ClockTime?) { appliedAt = time }

    mutating func add(_ eventCount: Int) { self.eventCount += eventCount }

    /// Puts down what has been handed over by now, and how long that took since it was applied.
    mutating func close(_ resource: ResourceCache) {
        guard eventCount > 0 else { return }
        if let appliedAt {
            let lag = resource.common.clock.now() - appliedAt
            resource.figures.deliveryLag.observe(lag, count: UInt64(eventCount))
        }
        closeUntimed(resource)
    }

    /// The same for what a watcher has read by itself, whose delay is its own.
    mutating func closeUntimed(_ resource: ResourceCache) {
        resource.figures.eventsSent.increment(by: UInt64(eventCount))
        eventCount = 0
    }
}
