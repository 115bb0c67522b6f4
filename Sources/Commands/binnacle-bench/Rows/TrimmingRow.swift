// Pauses while the history is trimmed.

import Buffers

extension Row {
    static let trimming = Row(
        "trimming", "pauses of writers and watchers while the history is trimmed"
    ) { try $0.trimming() }
}

extension Workbench {
    /// Writers replace objects as fast as they can, beside a watcher: once with a history that is
    /// kept, and once with one that is as long as it may be from early on.
    fileprivate func trimming() throws -> [RowResult] {
        let floor = try SyncFloor.measure(scratch.path("sync"), seconds: 1)
        let kept = try TrimmingScene(self, "1GiB")
        let trimmed = try TrimmingScene(self, "8MiB")
        let rounds = try paired([
            ("kept", { try kept.write() }), ("trimmed", { try trimmed.write() }),
        ])
        var row = RowResult(
            identifier: Row.trimming.name,
            title: "replaces of 1 KB, \(TrimmingScene.writerCount) at a time, while the history "
                + "is trimmed: writes")
        row.series = rounds
        row.facts = rounds.map {
            Fact(
                name: "worst write, \($0.name)",
                value: Double($0.latencies.nanoseconds(at: 1)) / 1e6, unit: "ms")
        }
        row.facts += [
            Fact(
                name: "bare fdatasync of 4 KiB, p50",
                value: Double(floor.nanoseconds(at: 0.5)) / 1e6,
                unit: "ms"),
            Fact(name: "p99", value: Double(floor.nanoseconds(at: 0.99)) / 1e6, unit: "ms"),
            Fact(name: "worst", value: Double(floor.nanoseconds(at: 1)) / 1e6, unit: "ms"),
        ]
        return [row, Self.deliveries(kept, trimmed)]
    }

    private static func deliveries(_ kept: TrimmingScene, _ trimmed: TrimmingScene) -> RowResult {
        var row = RowResult(
            identifier: "trimming-watch", title: "the same: from write to delivery")
        row.series = [("kept", kept), ("trimmed", trimmed)].map { name, scene in
            Series(name: name, rounds: scene.deliveries)
        }
        row.facts = row.series.map {
            Fact(
                name: "worst delivery, \($0.name)",
                value: Double($0.latencies.nanoseconds(at: 1)) / 1e6, unit: "ms")
        }
        return row
    }
}

/// A server with a history of a size, a watcher, and objects that are replaced.
private final class TrimmingScene {
    static let writerCount = 8
    private(set) var deliveries: [Round] = []
    private let peer: Peer
    private let crowd: WatcherCrowd
    private var writtenCount: Int

    private static let objectCount = 1_000
    private static let text = filler(800)
    private static let roundCount = 12_000
    /// More than the smaller history holds, so that all rounds trim.
    private static let leadCount = 12_000

    init(_ bench: Workbench, _ size: String) throws {
        peer = try bench.freshBinnacle("trimming-\(size)", ["--watch-history-size", size])
        let address = peer.address
        let path = StampedWrites.path
        let revision = try Workbench.revision(of: address, path)
        _ = try LoadLoop(
            to: address, connections: 32, StampedWrites.creates(0..<Self.objectCount, address),
            Window()
        ).run()
        crowd = try WatcherCrowd(address)
        try crowd.open(1, .get("\(path)?watch=true&resourceVersion=\(revision)"))
        writtenCount = Self.objectCount
        _ = try replace(Self.leadCount)
    }

    func write() throws -> Round {
        crowd.forgetLatencies()
        peer.forgetPeak()
        let cpuBefore = peer.figures.cpuSeconds
        let sample = try replace(Self.roundCount)
        let figures = peer.figures
        let seconds = Double(sample.nanoseconds) / 1e9
        var round = Round(
            perSecond: sample.perSecond, count: sample.count, latencies: sample.latencies,
            cpuSeconds: figures.cpuSeconds - cpuBefore, seconds: seconds,
            peakByteCount: figures.peakByteCount, residentByteCount: figures.residentByteCount)
        defer {
            round.latencies = crowd.latencies
            deliveries.append(round)
        }
        return round
    }

    private func replace(_ count: Int) throws -> LoadSample {
        let address = peer.address
        let load = BackgroundLoad(to: address, connections: Self.writerCount) {
            StampedWrites.replacements(count, of: 0..<Self.objectCount, address, Self.text)
        }
        writtenCount += count
        try crowd.read(untilDelivered: writtenCount)
        return try load.wait()
    }
}
