// What a server counts.

import Synchronization

/// What a server has done since it was made. The numbers are read one after the other: they need
/// not belong to the same moment.
public struct ServerCounters: Sendable {
    public var connectionsAccepted = 0
    public var connectionsOpen = 0
    public var requestsReceived = 0
    /// Requests whose answer is not complete; open streams count.
    public var requestsInFlight = 0
    /// Requests that the server refused by itself.
    public var requestsRefused = 0
    public var bytesSent = 0
}

/// The counters of one loop. Written on the loop only, read anywhere.
final class LoopCounters: Sendable {
    private let accepted = Atomic<Int>(0)
    private let closed = Atomic<Int>(0)
    private let received = Atomic<Int>(0)
    private let answered = Atomic<Int>(0)
    private let refused = Atomic<Int>(0)
    private let sent = Atomic<Int>(0)

    func connectionOpened() { Self.add(1, to: accepted) }
    func connectionClosed() { Self.add(1, to: closed) }
    func requestReceived() { Self.add(1, to: received) }
    func requestEnded() { Self.add(1, to: answered) }
    func requestRefused() { Self.add(1, to: refused) }
    func bytesSent(_ count: Int) { Self.add(count, to: sent) }

    /// There is one writer, so a load and a store do what a locked addition would.
    private static func add(_ count: Int, to counter: borrowing Atomic<Int>) {
        counter.store(counter.load(ordering: .relaxed) &+ count, ordering: .relaxed)
    }

    func add(to sum: inout ServerCounters) {
        let accepted = accepted.load(ordering: .relaxed)
        let received = received.load(ordering: .relaxed)
        sum.connectionsAccepted += accepted
        sum.connectionsOpen += accepted - closed.load(ordering: .relaxed)
        sum.requestsReceived += received
        sum.requestsInFlight += received - answered.load(ordering: .relaxed)
        sum.requestsRefused += refused.load(ordering: .relaxed)
        sum.bytesSent += sent.load(ordering: .relaxed)
    }
}
