// Many watchers that all see every write.

import Buffers
import Dispatch
import Glibc
import JSON
import Synchronization
import SystemCalls

extension Workbench {
    /// A row for each number of watchers.
    func watch() throws -> [RowResult] {
        try options.watcherCounts.map { try watch($0) }
    }

    private func watch(_ watcherCount: Int) throws -> RowResult {
        profileName = "watch-\(watcherCount)"
        let scene = try WatchScene(self, watcherCount)
        // As many deliveries as 1,000 watchers get, so that more watchers do not take longer.
        let writeCount = max(min(options.writes, options.writes * 1000 / watcherCount), 3)
        var row = RowResult(
            identifier: "watch-\(watcherCount)",
            title: "\(watcherCount) watchers, \(writeCount) creates, each to all: deliveries")
        var series = Series(name: "binnacle")
        let profile = try scene.profile(self)
        for part in 0..<3 {
            let writes = writeCount * (part + 1) / 3 - writeCount * part / 3
            series.rounds.append(try scene.flood(writes))
        }
        profile?.stop()
        try scene.check()
        row.series = [series]
        let pace = max(min(options.pace, options.pace * 1000 / watcherCount), 1)
        let paced = try scene.pace(pace, seconds: options.seconds)
        try scene.check()
        row.facts = [
            Fact(
                name: "every event seen once and in order by", value: Double(watcherCount),
                unit: "watchers"),
            Fact(
                name: "from write to delivery at \(pace) writes/s, p50",
                value: Double(paced.nanoseconds(at: 0.5)) / 1e6, unit: "ms"),
            Fact(name: "p99", value: Double(paced.nanoseconds(at: 0.99)) / 1e6, unit: "ms"),
        ]
        row.marks = [
            Mark(
                name: "memory per idle watcher", value: scene.bytesPerWatcher / 1024, unit: "KiB",
                bound: .under(16))
        ]
        return row
    }
}

/// A server with a crowd of watchers on one namespace's ConfigMaps, and a writer.
private final class WatchScene {
    let bytesPerWatcher: Double
    private let peer: Peer
    private let crowd: WatcherCrowd
    private let watcherCount: Int
    private let startRevision: String
    private var writtenCount = 0

    private static let path = BenchObjects.configMaps()
    /// Writers at the same time: enough that the fan-out is never idle.
    private static let writerCount = 8

    init(_ bench: Workbench, _ watcherCount: Int) throws {
        self.watcherCount = watcherCount
        peer = try bench.freshBinnacle("watching-\(watcherCount)")
        // No writes before the watchers come: what they would leave free in the heap hides the
        // memory that watchers take.
        startRevision = String(try Workbench.revision(of: peer.address, Self.path))
        crowd = try WatcherCrowd(peer.address)
        let before = peer.figures.residentByteCount
        try crowd.open(
            watcherCount, .get("\(Self.path)?watch=true&resourceVersion=\(startRevision)"))
        let grown = peer.figures.residentByteCount - before
        bytesPerWatcher = Double(grown) / Double(watcherCount)
    }

    func profile(_ bench: Workbench) throws -> ChildProcess? { try bench.profile(peer) }

    /// Writes as fast as the writers can, and waits until all have seen all.
    func flood(_ count: Int) throws -> Round {
        peer.forgetPeak()
        crowd.forgetLatencies()
        let range = writtenCount..<writtenCount + count
        writtenCount += count
        let cpuBefore = peer.figures.cpuSeconds
        let start = monotonicNanoseconds()
        let address = peer.address
        let writer = BackgroundWork {
            _ = try ClosedLoop(
                to: address, connections: Self.writerCount,
                StampedWrites.creates(range, address),
                Window()
            ).run()
        }
        try crowd.read(untilDelivered: writtenCount * watcherCount)
        try writer.wait()
        let seconds = Double(crowd.lastDeliveryAt - start) / 1e9
        let figures = peer.figures
        let deliveries = count * watcherCount
        return Round(
            perSecond: Double(deliveries) / seconds, count: deliveries,
            latencies: crowd.latencies, cpuSeconds: figures.cpuSeconds - cpuBefore,
            seconds: seconds, peakByteCount: figures.peakByteCount,
            residentByteCount: figures.residentByteCount)
    }

    /// Writes at a fixed rate. A late write counts from when it was due, so that a server that
    /// stalls is not spared the writes that it held up.
    func pace(_ perSecond: Int, seconds: Double) throws -> LatencyHistogram {
        crowd.forgetLatencies()
        let range = writtenCount..<writtenCount + max(Int(Double(perSecond) * seconds), 1)
        writtenCount = range.upperBound
        let writer = StampedWrites.paced(range, peer.address, perSecond: perSecond)
        try crowd.read(untilDelivered: writtenCount * watcherCount)
        try writer.wait()
        return crowd.latencies
    }

    /// Demands that every watcher has seen every write once, in the order of revisions. What there
    /// is to see comes from a list, not from the watches.
    func check() throws {
        let list = try HTTPCaller(peer.address).expect(200, .get(Self.path)).body
        let items = try JSONValue(parsing: list)["items"]?.array ?? []
        let first = UInt64(startRevision) ?? 0
        let revisions = items.compactMap { item in
            item["metadata"]?["resourceVersion"]?.string.flatMap { UInt64($0) }
        }.filter { $0 > first }.sorted()
        var expected = EventTally()
        for revision in revisions { try expected.add(revision: revision) }
        guard expected.count == writtenCount else {
            throw BenchFailure("\(expected.count) objects are there, not \(writtenCount)")
        }
        for (index, tally) in crowd.tallies.enumerated() where tally != expected {
            throw BenchFailure(
                "watcher \(index) saw \(tally.count) events up to \(tally.lastRevision), not "
                    + "\(expected.count) up to \(expected.lastRevision)")
        }
    }
}
