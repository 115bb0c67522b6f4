// Decisions without sockets: which endpoint, how long, and what after a failure.

import EventLoops
import Testing

@testable import HTTPClient

private func time(_ seconds: Int64) -> LoopTime { LoopTime(nanoseconds: seconds * 1_000_000_000) }

@Suite struct EndpointRosterTests {
    private func roster(_ count: Int = 3) -> EndpointRoster {
        EndpointRoster(count: count, Limits())
    }

    @Test func `endpoints are tried in the order they were given, and the one that works is kept`()
    {
        var roster = roster()
        #expect(roster.order(now: time(0)) == [0, 1, 2])
        roster.connected(1, in: .milliseconds(1))
        #expect(roster.kept == 1)
        #expect(roster.order(now: time(0)) == [1, 0, 2])
    }

    @Test func `a nearer endpoint takes over only when it is much nearer`() {
        var roster = roster()
        roster.connected(0, in: .milliseconds(40))
        roster.connected(1, in: .milliseconds(20))
        #expect(roster.kept == 0)
        roster.connected(2, in: .milliseconds(1))
        #expect(roster.kept == 2)
        // What is near enough is left alone.
        roster.connected(1, in: .microseconds(1))
        #expect(roster.kept == 2)
    }

    @Test func `after a failure the nearest of the others is next`() {
        var roster = roster()
        roster.connected(0, in: .milliseconds(1))
        roster.connected(1, in: .milliseconds(50))
        roster.connected(2, in: .milliseconds(9))
        roster.failed(0, now: time(0), jitter: 0)
        #expect(roster.kept == nil)
        #expect(roster.order(now: time(0)) == [2, 1, 0])
    }

    @Test func `rests grow, have a longest, and are shortened at random by half at most`() {
        for (jitter, first, longest) in [(0.0, 0.25, 30.0), (0.999_999, 0.125, 15)] {
            var roster = roster(2)
            roster.connected(1, in: .milliseconds(1))
            var now = time(0)
            for round in 0..<20 {
                roster.failed(0, now: now, jitter: jitter)
                let expected = min(first * Double(1 << round), longest)
                #expect(roster.takeProbe(now: now + .seconds(expected * 0.99)) == nil)
                now = now + .seconds(expected * 1.01)
                #expect(roster.takeProbe(now: now) == 0, "after \(expected) s")
                // Whoever is asked to probe is not asked twice.
                #expect(roster.takeProbe(now: now) == nil)
            }
        }
    }

    @Test func `calls that fail together are one failure, and a response forgets them all`() {
        var roster = roster(2)
        roster.connected(1, in: .milliseconds(1))
        for _ in 0..<100 { roster.failed(0, now: time(0), jitter: 0) }
        #expect(roster.takeProbe(now: time(1)) == 0)
        roster.failed(0, now: time(1), jitter: 0)
        #expect(roster.takeProbe(now: time(1) + .milliseconds(499)) == nil)
        #expect(roster.takeProbe(now: time(2)) == 0)
        roster.connected(0, in: .milliseconds(1))
        roster.worked(0)
        roster.failed(0, now: time(3), jitter: 0)
        #expect(roster.takeProbe(now: time(3) + .milliseconds(250)) == 0)
    }

    @Test func `one endpoint alone is never probed`() {
        var roster = roster(1)
        roster.failed(0, now: time(0), jitter: 0)
        #expect(roster.takeProbe(now: time(100)) == nil)
        #expect(roster.order(now: time(0)) == [0])
    }
}

@Suite struct AttemptPlanTests {
    private func attempt(
        _ endpoint: Int, reused: Bool = false, sent: Bool = false, outOfTime: Bool = false
    ) -> AttemptPlan.Attempt {
        AttemptPlan.Attempt(
            endpoint: endpoint, wasReused: reused, hasSentBytes: sent, isOutOfTime: outOfTime)
    }

    @Test func `a change goes on while it was surely not sent`() {
        var plan = AttemptPlan(isRepeatable: false, attemptCountMax: 6)
        #expect(plan.failed(attempt(0)) == .otherEndpoint)
        #expect(plan.failed(attempt(1, reused: true)) == .sameEndpoint)
        #expect(plan.needsNewConnection)
        #expect(plan.failed(attempt(1)) == .otherEndpoint)
        #expect(plan.tried == [0, 1])
        #expect(plan.failed(attempt(2, reused: true, sent: true)) == .giveUp(.uncertain))
    }

    @Test func `a read is repeated, within limits`() {
        var plan = AttemptPlan(isRepeatable: true, attemptCountMax: 3)
        #expect(plan.failed(attempt(0, reused: true, sent: true)) == .sameEndpoint)
        #expect(plan.failed(attempt(0, sent: true)) == .otherEndpoint)
        #expect(plan.failed(attempt(1)) == .giveUp(.uncertain))
    }

    @Test func `nothing is repeated when the time for the call is up`() {
        var plan = AttemptPlan(isRepeatable: true, attemptCountMax: 3)
        #expect(plan.failed(attempt(0, outOfTime: true)) == .giveUp(.notSent))
    }
}

@Suite struct DeadlinesTests {
    @Test func `each wait has its limit, and all together have one`() {
        var deadlines = Deadlines(TimeLimits(), now: time(0))
        deadlines.begin(.connection, now: time(0))
        #expect(deadlines.due == time(5))
        #expect(deadlines.expired(now: time(4)) == nil)
        #expect(deadlines.expired(now: time(5)) == .connection)
        deadlines.begin(.firstByte, now: time(4))
        #expect(deadlines.due == time(34))
        deadlines.begin(.nextByte, now: time(40))
        #expect(deadlines.due == time(60))
        #expect(deadlines.expired(now: time(60)) == .end)
    }

    @Test func `a stream may be silent, and a reader may take its time`() {
        var deadlines = Deadlines(.stream(idle: nil), now: time(0))
        deadlines.begin(.nextByte, now: time(0))
        #expect(deadlines.due == .never)
        deadlines = Deadlines(.stream(idle: .seconds(1)), now: time(0))
        deadlines.begin(.nextByte, now: time(0))
        deadlines.pause()
        #expect(deadlines.expired(now: time(1_000)) == nil)
    }
}

@Suite struct IdleShelfTests {
    private final class Thing {}

    @Test func `the one used last is taken first, and the oldest makes room`() {
        var limits = Limits()
        limits.idleCountPerEndpointMax = 2
        var shelf = IdleShelf<Thing>(endpointCount: 2, limits)
        let things = (0..<3).map { _ in Thing() }
        #expect(shelf.put(things[0], 0, now: time(0)) == nil)
        #expect(shelf.put(things[1], 0, now: time(1)) == nil)
        #expect(shelf.put(things[2], 0, now: time(2)) === things[0])
        #expect(shelf.take(1, now: time(2)) == nil)
        #expect(shelf.take(0, now: time(2)) === things[2])
        #expect(shelf.nextExpiry == time(61))
        #expect(shelf.take(0, now: time(61)) == nil)
        #expect(shelf.removeExpired(now: time(61)).count == 1)
        #expect(shelf.nextExpiry == nil)
    }
}
