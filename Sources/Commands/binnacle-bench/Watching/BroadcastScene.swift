// A broadcaster, its crowd, and what is measured of them.

import Buffers
import SystemCalls

/// A server with a crowd of subscribers that all see every message.
final class BroadcastScene {
    let broadcaster: any Broadcaster
    /// What the server grew by for each of them.
    let bytesPerSubscriber: Double
    private let crowd: WatcherCrowd
    private let count: Int
    private var writtenCount = 0

    init(_ broadcaster: any Broadcaster, subscribers count: Int) throws {
        self.broadcaster = broadcaster
        self.count = count
        let crowd = try WatcherCrowd(broadcaster.subscription)
        self.crowd = crowd
        // No writes before they come: what those would leave free in the heap hides the memory that
        // subscribers take.
        let before = broadcaster.peer.figures.residentByteCount
        try crowd.join(count) { _, socket in broadcaster.subscriber(socket) }
        try Self.settle(crowd)
        let grown = broadcaster.peer.figures.residentByteCount - before
        bytesPerSubscriber = Double(grown) / Double(count)
        // One message, so that all are known to be there.
        _ = try flood(1)
    }

    /// Waits until the server has read what the last of them sent.
    private static func settle(_ crowd: WatcherCrowd) throws {
        let end = monotonicNanoseconds() + Limits.settleNanoseconds
        try crowd.read { monotonicNanoseconds() >= end }
    }

    /// Writes as fast as the writers can, and waits until all have seen all.
    func flood(_ messageCount: Int) throws -> Round {
        try deliver(messageCount, broadcaster.writerCount, .closed)
    }

    /// Writes at a fixed rate.
    func pace(_ perSecond: Int, seconds: Double) throws -> Round {
        let messageCount = max(Int(Double(perSecond) * seconds), 1)
        return try deliver(
            messageCount, broadcaster.writerCount, .open(perSecond: Double(perSecond)))
    }

    private func deliver(_ messageCount: Int, _ writerCount: Int, _ pace: Pace) throws -> Round {
        let peer = broadcaster.peer
        peer.forgetPeak()
        crowd.forgetLatencies()
        let range = writtenCount..<writtenCount + messageCount
        writtenCount += messageCount
        let cpuBefore = peer.figures.cpuSeconds
        let start = monotonicNanoseconds()
        let writer = BackgroundLoad(
            to: peer.address, connections: writerCount, pace: pace, broadcaster.messages(range))
        try crowd.read(untilDelivered: writtenCount * count, of: writer)
        _ = try writer.wait()
        let seconds = Double(crowd.lastDeliveryAt - start) / 1e9
        let figures = peer.figures
        let deliveries = messageCount * count
        return Round(
            perSecond: Double(deliveries) / seconds, count: deliveries,
            latencies: crowd.latencies, cpuSeconds: figures.cpuSeconds - cpuBefore,
            seconds: seconds, peakByteCount: figures.peakByteCount,
            residentByteCount: figures.residentByteCount)
    }

    /// Demands that every subscriber has seen every message once, in the order of revisions. What
    /// there is to see comes from a list where there is one, not from the watches.
    func check() throws {
        guard let first = crowd.tallies.first else { return }
        var expected = first
        if let revisions = try broadcaster.revisions() {
            expected = EventTally(after: first.start)
            for revision in revisions { try expected.add(revision: revision) }
        }
        guard expected.count == writtenCount else {
            throw BenchFailure("\(expected.count) messages are there, not \(writtenCount)")
        }
        for (index, tally) in crowd.tallies.enumerated() where tally != expected {
            throw BenchFailure(
                "\(broadcaster.name): subscriber \(index) saw \(tally.count) events up to "
                    + "\(tally.lastRevision), not \(expected.count) up to "
                    + "\(expected.lastRevision)")
        }
    }
}
