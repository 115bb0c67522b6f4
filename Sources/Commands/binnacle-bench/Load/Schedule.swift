// When requests are due.

/// Moments at a fixed distance. A request that cannot be sent when it is due keeps its moment: what
/// it waited belongs to its latency, or a stall would hide the requests that it held up.
struct Schedule {
    private let start: Int64
    private let interval: Double
    private var taken = 0

    init(perSecond: Double, from start: Int64) {
        self.start = start
        interval = 1e9 / perSecond
    }

    /// When the next request is due.
    var nextDue: Int64 { start + Int64(Double(taken) * interval) }

    /// Takes the next request out of the schedule. Returns when it was due.
    mutating func take() -> Int64 {
        defer { taken += 1 }
        return nextDue
    }
}
