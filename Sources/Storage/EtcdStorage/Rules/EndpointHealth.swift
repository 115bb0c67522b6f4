// Which member is asked: one that works is kept, one that failed rests. Performs no I/O.

/// What is known of the members by their place in the list that the operator gave.
struct EndpointHealth: Sendable {
    private struct Member {
        var failureCount = 0
        var restsUntil: Duration?
    }

    private var members: [Member]
    private var preferred: Int
    private let limits: Limits

    /// - Parameter preferred: who is asked first, so that several gateways do not all choose the
    ///   same one.
    /// - Precondition: there is a member, and `preferred` is one.
    init(count: Int, preferred: Int, _ limits: Limits) {
        precondition(count > 0 && preferred < count, "member \(preferred) of \(count)")
        members = Array(repeating: Member(), count: count)
        self.preferred = preferred
        self.limits = limits
    }

    /// The member to ask: the one that works, else the next in turn that does not rest.
    /// - Parameter avoided: members that have just failed to serve the same call.
    func choice(at now: Duration, avoiding avoided: Set<Int> = []) -> Int? {
        members.indices.lazy.map { (self.preferred + $0) % self.members.count }
            .first { !self.isResting($0, at: now) && !avoided.contains($0) }
    }

    /// When the first of the resting members may be asked again.
    func nextChoice(at now: Duration) -> Duration {
        members.compactMap(\.restsUntil).map { max($0, now) }.min() ?? now
    }

    private func isResting(_ index: Int, at now: Duration) -> Bool {
        members[index].restsUntil.map { $0 > now } ?? false
    }

    mutating func worked(_ index: Int) {
        members[index] = Member()
        preferred = index
    }

    /// - Parameter jitter: in `0..<1`, at random: gateways do not come back together.
    mutating func failed(_ index: Int, at now: Duration, jitter: Double) {
        // Calls that fail together are one failure.
        guard !isResting(index, at: now) else { return }
        let doublings = min(members[index].failureCount, 16)
        members[index].failureCount += 1
        let rest = min(limits.restMin * (1 << doublings), limits.restMax)
        members[index].restsUntil = now + rest * (1 - jitter / 2)
        if preferred == index { preferred = (index + 1) % members.count }
    }
}
