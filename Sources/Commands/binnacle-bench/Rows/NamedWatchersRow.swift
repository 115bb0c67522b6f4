// Many watchers, each of another object, and writes at a fixed rate.

import Buffers
import SystemCalls

extension Row {
    static let namedWatchers = Row(
        "named-watchers", "many watchers, each on another name: from a write to its one watcher"
    ) { try [$0.namedWatchers()] }
}

extension Workbench {
    fileprivate func namedWatchers() throws -> RowResult {
        let count = options.history.namedWatchers
        let scene = try NamedScene(self, count)
        let perSecond = options.history.namedPace
        var row = RowResult(
            identifier: Row.namedWatchers.name,
            title: "\(grouped(count)) watchers, each on another name, "
                + "\(grouped(NamedScene.writeCount)) replaces at "
                + "\(perSecond)/s: deliveries")
        profileName = row.identifier
        let profile = try profile(scene.peer)
        defer { profile?.stop() }
        row.series = [
            Series(
                name: "binnacle",
                rounds: try (0..<options.pairs).map { _ in
                    try scene.write(.open(perSecond: Double(perSecond)))
                })
        ]
        let writes = scene.writes
        row.facts = [
            Fact(
                name: "memory per watcher", value: scene.bytesPerWatcher / 1024, unit: "KiB"),
            Fact(
                name: "the writer's answer, from when it was due, p50",
                value: Double(writes.nanoseconds(at: 0.5)) / 1e6, unit: "ms"),
            Fact(name: "p99", value: Double(writes.nanoseconds(at: 0.99)) / 1e6, unit: "ms"),
        ]
        row.marks = [
            Mark(
                name: "p99 from when the write was due to its delivery",
                value: Double(row.series[0].latencies.nanoseconds(at: 0.99)) / 1e6, unit: "ms",
                bound: .under(5))
        ]
        return row
    }
}

/// A server with as many objects as watchers, each of which watches one.
final class NamedScene {
    let peer: Peer
    let bytesPerWatcher: Double
    /// From when a write was due to its answer.
    private(set) var writes = LatencyHistogram()
    private let crowd: WatcherCrowd
    private let count: Int
    private var writtenCount = 0

    static let writeCount = 2_000
    private static let writerCount = 16

    init(_ bench: Workbench, _ count: Int) throws {
        self.count = count
        peer = try bench.freshBinnacle("named-\(count)")
        let path = StampedWrites.path
        let creates = StampedWrites.creates(0..<count, peer.address)
        _ = try LoadLoop(to: peer.address, connections: 32, creates, Window()).run()
        let revision = try Workbench.revision(of: peer.address, path)
        crowd = try WatcherCrowd(peer.address)
        let before = peer.figures.residentByteCount
        try crowd.open(Array(repeating: EventTally(after: revision), count: count)) {
            index, tally in
            .get(
                "\(path)?watch=true&resourceVersion=\(tally.lastRevision)"
                    + "&fieldSelector=metadata.name%3D\(StampedWrites.name(index))")
        }
        bytesPerWatcher = Double(peer.figures.residentByteCount - before) / Double(count)
    }

    /// Replaces objects spread over all watchers, and waits until each has seen its own.
    func write(_ pace: Pace) throws -> Round {
        peer.forgetPeak()
        crowd.forgetLatencies()
        let cpuBefore = peer.figures.cpuSeconds
        let start = monotonicNanoseconds()
        let (endpoint, count) = (peer.address, count)
        let first = writtenCount
        let load = BackgroundLoad(
            to: endpoint, connections: Self.writerCount, pace: pace
        ) {
            // A step that shares no divisor with the watchers' number spreads the writes.
            StampedWrites.replacements(Self.writeCount, endpoint) {
                (first + $0) * 7919 % count
            }
        }
        writtenCount += Self.writeCount
        try crowd.read(untilDelivered: writtenCount, of: load)
        writes.add(try load.wait().latencies)
        let seconds = Double(monotonicNanoseconds() - start) / 1e9
        try check()
        let figures = peer.figures
        return Round(
            perSecond: Double(Self.writeCount) / seconds, count: Self.writeCount,
            latencies: crowd.latencies, cpuSeconds: figures.cpuSeconds - cpuBefore,
            seconds: seconds, peakByteCount: figures.peakByteCount,
            residentByteCount: figures.residentByteCount)
    }

    /// Demands that each watcher has seen as many events as its object was written.
    private func check() throws {
        var expected = [Int](repeating: 0, count: count)
        for number in 0..<writtenCount { expected[number * 7919 % count] += 1 }
        for (index, tally) in crowd.tallies.enumerated() where tally.count != expected[index] {
            throw BenchFailure(
                "the watcher of object \(index) saw \(tally.count) events, not \(expected[index])")
        }
    }
}
