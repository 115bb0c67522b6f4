// Which server a new connection goes to.

/// What is known about the servers behind a relay, by their index. Performs no I/O.
struct ServerChoice {
    enum Health: Int { case ready, unknown, notReady, silent }

    private var health: [Health]
    private var missedCounts: [Int]
    private let missedCountMax: Int
    /// The server that connections go to while it is ready.
    private var kept = 0

    init(count: Int, missedCountMax: Int) {
        health = Array(repeating: .unknown, count: count)
        missedCounts = Array(repeating: 0, count: count)
        self.missedCountMax = missedCountMax
    }

    /// Every server, in the order in which a connection tries them.
    var order: [Int] {
        health.indices.sorted { left, right in
            (health[left].rawValue, left == kept ? 0 : 1, left)
                < (health[right].rawValue, right == kept ? 0 : 1, right)
        }
    }

    /// A connection was made.
    mutating func connected(_ index: Int) {
        if health[index] == .silent { health[index] = .unknown }
        kept = index
    }

    /// It could not be connected to.
    mutating func refused(_ index: Int) { health[index] = .notReady }

    /// It answered a check.
    mutating func answered(_ index: Int, isReady: Bool) {
        missedCounts[index] = 0
        health[index] = isReady ? .ready : .notReady
    }

    /// It did not answer a check. True when it is to be taken for dead from now on.
    mutating func missed(_ index: Int) -> Bool {
        missedCounts[index] += 1
        guard missedCounts[index] >= missedCountMax else {
            health[index] = .notReady
            return false
        }
        defer { health[index] = .silent }
        return health[index] != .silent
    }
}
