// Which endpoint is asked: the nearest one that works is kept, one that failed rests.

import EventLoops

/// What is known about endpoints, by their index. Performs no I/O and reads no clock.
struct EndpointRoster {
    private struct Entry {
        /// What connecting takes, smoothed, in nanoseconds; nil before the first time.
        var distance: Int64?
        var failureCount = 0
        /// Nil while it works as far as is known.
        var restsUntil: LoopTime?
        var isProbed = false
    }

    /// Another endpoint takes over from one that works when it is nearer than this part of the way,
    /// and the way is long enough to be worth it: else every hiccup would move clients.
    private static let nearerDivisor: Int64 = 4
    private static let nearNanoseconds: Int64 = 2_000_000

    private var entries: [Entry]
    /// The endpoint in use; nil before one has worked, and after it failed.
    private(set) var kept: Int?
    private let limits: Limits

    init(count: Int, _ limits: Limits) {
        entries = Array(repeating: Entry(), count: count)
        self.limits = limits
    }

    /// Every endpoint in the order in which a call tries them: those that rest come last, since one
    /// that works is better than one that may.
    func order(now: LoopTime) -> [Int] {
        entries.indices.sorted { left, right in rank(left) < rank(right) }
    }

    private func rank(_ index: Int) -> (Int64, Int64, Int) {
        let entry = entries[index]
        if let until = entry.restsUntil { return (2, until.nanoseconds, index) }
        if index == kept { return (0, 0, index) }
        // Differences below the limit are chance.
        return (1, (entry.distance ?? 0) / Self.nearNanoseconds, index)
    }

    /// An endpoint to which a connection should be tried beside the calls: it has rested, or was
    /// never measured. It is not named again until `connected` or `failed` tells what came of it.
    mutating func takeProbe(now: LoopTime) -> Int? {
        guard entries.count > 1 else { return nil }
        for index in entries.indices where !entries[index].isProbed {
            let entry = entries[index]
            let isRested = entry.restsUntil.map { $0 <= now } ?? false
            let isUnknown = entry.restsUntil == nil && entry.distance == nil && kept != nil
            guard isRested || (isUnknown && index != kept) else { continue }
            entries[index].isProbed = true
            return index
        }
        return nil
    }

    /// A connection was made in `time`.
    mutating func connected(_ index: Int, in time: Duration) {
        let measured = Int64(time / .nanoseconds(1))
        entries[index].distance =
            entries[index].distance.map { ($0 * 3 + measured) / 4 } ?? measured
        entries[index].restsUntil = nil
        entries[index].isProbed = false
        guard let kept, kept != index else {
            kept = index
            return
        }
        let way = entries[kept].distance ?? 0
        if way > Self.nearNanoseconds, measured < way / Self.nearerDivisor { self.kept = index }
    }

    /// A response came.
    mutating func worked(_ index: Int) {
        entries[index].failureCount = 0
        entries[index].restsUntil = nil
    }

    /// It could not be reached, or did not keep to the protocol or the time.
    /// - Parameter jitter: at random, in `0..<1`.
    mutating func failed(_ index: Int, now: LoopTime, jitter: Double) {
        entries[index].isProbed = false
        // Calls that fail together are one failure.
        if let until = entries[index].restsUntil, until > now { return }
        let doublings = min(entries[index].failureCount, 20)
        entries[index].failureCount += 1
        let longest = min(limits.restTimeMin * (1 << doublings), limits.restTimeMax)
        entries[index].restsUntil = now + longest * (1 - jitter / 2)
        if kept == index { kept = nil }
    }
}
