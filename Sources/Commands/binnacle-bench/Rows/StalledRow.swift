// A watcher that reads beside many that do not.

import Buffers
import Glibc
import SystemCalls

extension Row {
    static let stalled = Row("stalled", "time to delivery beside watchers that never read") {
        try [$0.stalled()]
    }
}

extension Workbench {
    fileprivate func stalled() throws -> RowResult {
        let count = options.history.stalledWatchers
        let free = try StalledScene(self, stalled: 0)
        let crowded = try StalledScene(self, stalled: count)
        var row = RowResult(
            identifier: Row.stalled.name,
            title: "a watcher beside \(count) that never read, "
                + "\(StalledScene.perSecond) creates/s: deliveries to the one")
        row.series = try paired([
            ("alone", { try free.pace(seconds: self.options.seconds) }),
            ("crowded", { try crowded.pace(seconds: self.options.seconds) }),
        ])
        let milliseconds = row.series.map { series in
            [0.5, 0.99].map { Double(series.latencies.nanoseconds(at: $0)) / 1e6 }
        }
        row.facts = [
            Fact(
                name: "events that the stalled ones have not read, each",
                value: Double(crowded.writtenCount), unit: "")
        ]
        row.marks = [
            Mark(
                name: "p99 more than alone", value: milliseconds[1][1] - milliseconds[0][1],
                unit: "ms", bound: .under(10))
        ]
        return row
    }
}

/// A server with one watcher that reads, and some that do not.
private final class StalledScene {
    private(set) var writtenCount = 0
    private let peer: Peer
    private let crowd: WatcherCrowd
    private let silent: SilentCrowd

    /// So few that writes do not wait for each other, whatever the disk takes.
    static let perSecond = 50
    private static let text = filler(2_000)
    /// Events that fill every socket on the way to those that do not read.
    private static let fillingCount = 400

    init(_ bench: Workbench, stalled count: Int) throws {
        peer = try bench.freshBinnacle("stalled-\(count)")
        let path = StampedWrites.path
        let revision = try Workbench.revision(of: peer.address, path)
        let request = Request.get("\(path)?watch=true&resourceVersion=\(revision)")
        silent = try SilentCrowd(count, request, peer.address)
        crowd = try WatcherCrowd(peer.address)
        try crowd.open(1, request)
        try fill()
    }

    private func fill() throws {
        writtenCount = Self.fillingCount
        let address = peer.address
        let load = BackgroundLoad(to: address, connections: 4) {
            StampedWrites.creates(0..<Self.fillingCount, address, Self.text)
        }
        try crowd.read(untilDelivered: writtenCount)
        _ = try load.wait()
    }

    private func write(_ count: Int) throws {
        let range = writtenCount..<writtenCount + count
        writtenCount += count
        let writer = StampedWrites.paced(
            range, peer.address, perSecond: Self.perSecond, Self.text)
        try crowd.read(untilDelivered: writtenCount)
        _ = try writer.wait()
    }

    func pace(seconds: Double) throws -> Round {
        peer.forgetPeak()
        crowd.forgetLatencies()
        let cpuBefore = peer.figures.cpuSeconds
        let start = monotonicNanoseconds()
        let count = max(Int(Double(Self.perSecond) * seconds), 1)
        try write(count)
        let elapsed = Double(monotonicNanoseconds() - start) / 1e9
        try silent.check()
        let figures = peer.figures
        return Round(
            perSecond: Double(count) / elapsed, count: count, latencies: crowd.latencies,
            cpuSeconds: figures.cpuSeconds - cpuBefore, seconds: elapsed,
            peakByteCount: figures.peakByteCount, residentByteCount: figures.residentByteCount)
    }
}
