// One watcher that was away for a long time.

import Buffers
import SystemCalls

extension Row {
    static let catchUp = Row(
        "catch-up", "one watcher that was away for so long that its events are on disk"
    ) { try $0.catchUp() }
}

extension Workbench {
    /// Two rows: one that sees everything, and one that selects by a label that all objects have.
    fileprivate func catchUp() throws -> [RowResult] {
        let count = options.history.events
        let scene = try CatchUpScene(self, count)
        return try [("", "all"), ("&labelSelector=app%3Dweb", "by label")].map { query, name in
            var row = RowResult(
                identifier: query.isEmpty ? "catch-up" : "catch-up-label",
                title: "one watcher resumes \(grouped(count)) events back, \(name): deliveries")
            profileName = row.identifier
            var series = Series(name: "binnacle")
            for _ in 0..<options.pairs { series.rounds.append(try scene.resume(query, self)) }
            row.series = [series]
            row.marks = [
                Mark(
                    name: "deliveries", value: series.rates.median, unit: "/s",
                    bound: .atLeast(100_000))
            ]
            return row
        }
    }
}

/// A server whose memory holds the end of a long history.
private final class CatchUpScene {
    private let peer: Peer
    private let start: UInt64
    private let end: UInt64

    private static let path = BenchObjects.configMaps()
    private static let objectCount = 1_000

    init(_ bench: Workbench, _ count: Int) throws {
        let written = try bench.freshBinnacle("catch-up")
        start = try Workbench.revision(of: written.address, Self.path)
        let creates = min(count, Self.objectCount)
        _ = try LoadLoop(
            to: written.address, connections: 32,
            Requests.posting(Self.template, to: Self.path, at: written.address, 0..<creates),
            Window()
        ).run()
        _ = try LoadLoop(
            to: written.address, connections: 32,
            Self.replacements(creates..<count, written.address), Window()
        ).run()
        end = try Workbench.revision(of: written.address, Self.path)
        guard end == start + UInt64(count) else {
            throw BenchFailure("\(end - start) revisions came of \(count) writes")
        }
        // A start leaves in memory no more than the newest of them.
        written.process.crash()
        peer = try startBinnacle(bench.binary, "catch-up", bench.scratch)
    }

    private static let template = ObjectTemplate(
        """
        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"away-%8%",\
        "labels":{"app":"web","tier":"frontend"}},"data":{"text":"\(filler(300))"}}
        """)

    private static func replacements(
        _ range: Range<Int>, _ address: Endpoint
    ) -> Requests {
        var done = range.lowerBound
        return Requests { _, buffer in
            guard done < range.upperBound else { return nil }
            let number = done % objectCount
            done += 1
            template.replacement(number, turn: done, at: "\(path)/away-\(padded(number, 8))")
                .write(into: &buffer, host: address)
            return ExpectedAnswer(status: 200)
        }
    }

    /// Reads all of it, and demands that nothing is missing.
    func resume(_ query: String, _ bench: Workbench) throws -> Round {
        let crowd = try WatcherCrowd(peer.address)
        peer.forgetPeak()
        let profile = try bench.profile(peer)
        defer { profile?.stop() }
        let cpuBefore = peer.figures.cpuSeconds
        let began = monotonicNanoseconds()
        let position = start
        try crowd.open([EventTally(after: start)]) { _, _ in
            .get("\(Self.path)?watch=true&resourceVersion=\(position)\(query)")
        }
        let count = Int(end - start)
        try crowd.read(untilDelivered: count)
        let seconds = Double(crowd.lastDeliveryAt - began) / 1e9
        let figures = peer.figures
        let expected = try EventTally(after: start, through: end, Array(start + 1...end))
        guard crowd.tallies == [expected] else {
            throw BenchFailure("the watcher saw \(crowd.tallies[0].count) of \(count) events")
        }
        return Round(
            perSecond: Double(count) / seconds, count: count,
            cpuSeconds: figures.cpuSeconds - cpuBefore, seconds: seconds,
            peakByteCount: figures.peakByteCount, residentByteCount: figures.residentByteCount)
    }
}
