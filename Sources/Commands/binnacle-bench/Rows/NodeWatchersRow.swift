// Thousands of watchers, each of another node's pods.

import Buffers
import SystemCalls

extension Row {
    static let nodeWatchers = Row(
        "node-watchers", "a write with ten watchers, and with one for each of many nodes"
    ) { try [$0.nodeWatchers()] }
}

extension Workbench {
    fileprivate func nodeWatchers() throws -> RowResult {
        let count = options.history.nodeWatchers
        let few = try NodeScene(self, watchers: min(10, count))
        let many = try NodeScene(self, watchers: count)
        var row = RowResult(
            identifier: Row.nodeWatchers.name,
            title: "patches of pods, each seen by the one watcher of its node, 4 at a time")
        row.series = try paired([
            ("\(few.count) nodes", { try few.write() }),
            ("\(count) nodes", { try many.write() }),
        ])
        let (first, second) = (row.series[0], row.series[1])
        let cpu = second.cpuMicrosecondsEach.median / max(first.cpuMicrosecondsEach.median, 1e-9)
        let latency =
            Double(second.latencies.nanoseconds(at: 0.5))
            / Double(max(first.latencies.nanoseconds(at: 0.5), 1))
        row.facts = [
            Fact(
                name: "every patch seen once by", value: Double(row.series[1].rounds.count),
                unit: "rounds of watchers")
        ]
        row.marks = [
            Mark(name: "processor time for each, ratio", value: cpu, bound: .under(3)),
            Mark(name: "p50, ratio", value: latency, bound: .under(3)),
        ]
        return row
    }
}

/// A server with a pod on each node, and a watcher for each of some nodes.
private final class NodeScene {
    let count: Int
    private let peer: Peer
    private let crowd: WatcherCrowd
    private var deliveredCount = 0

    private static let writeCount = 4_000

    init(_ bench: Workbench, watchers count: Int) throws {
        self.count = count
        peer = try bench.freshBinnacle("nodes-\(count)")
        // As many pods for few watchers as for many: the two differ in nothing else.
        let requests = Requests.posting(
            Self.pod, to: BenchObjects.pods, at: peer.address,
            0..<bench.options.history.nodeWatchers)
        _ = try LoadLoop(to: peer.address, connections: 32, requests, Window()).run()
        let revision = try Workbench.revision(of: peer.address, BenchObjects.pods)
        crowd = try WatcherCrowd(peer.address)
        let tallies = Array(repeating: EventTally(after: revision), count: count)
        try crowd.open(tallies) { index, tally in
            .get(
                "\(BenchObjects.pods)?watch=true&resourceVersion=\(tally.lastRevision)"
                    + "&fieldSelector=spec.nodeName%3Dnode-\(padded(index, 6))")
        }
    }

    private static let pod = ObjectTemplate(
        """
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-%6%"},"spec":\
        {"nodeName":"node-%6%",\(BenchObjects.account),\
        "containers":[{"name":"web","image":"web:1"}]}}
        """)

    /// Patches the watched pods in turns, and waits until each patch has reached its watcher.
    func write() throws -> Round {
        peer.forgetPeak()
        let cpuBefore = peer.figures.cpuSeconds
        let start = monotonicNanoseconds()
        let (address, first, nodes) = (peer.address, deliveredCount, count)
        let load = BackgroundLoad(to: address, connections: 4) {
            Self.patches(first..<first + Self.writeCount, nodes: nodes, address)
        }
        deliveredCount += Self.writeCount
        try crowd.read(untilDelivered: deliveredCount, of: load)
        let sample = try load.wait()
        let seconds = Double(monotonicNanoseconds() - start) / 1e9
        try check()
        let figures = peer.figures
        return Round(
            perSecond: sample.perSecond, count: sample.count, latencies: sample.latencies,
            cpuSeconds: figures.cpuSeconds - cpuBefore, seconds: seconds,
            peakByteCount: figures.peakByteCount, residentByteCount: figures.residentByteCount)
    }

    /// Demands that the patches were spread over the watchers as they were over the nodes.
    private func check() throws {
        for (index, tally) in crowd.tallies.enumerated() {
            let expected = deliveredCount / count + (index < deliveredCount % count ? 1 : 0)
            guard tally.count == expected else {
                throw BenchFailure(
                    "the watcher of node \(index) saw \(tally.count) events, not \(expected)")
            }
        }
    }

    private static func patches(
        _ range: Range<Int>, nodes: Int, _ address: Endpoint
    ) -> Requests {
        var number = range.lowerBound
        return Requests { _, buffer in
            guard number < range.upperBound else { return nil }
            let body = #"{"metadata":{"annotations":{"example.com/patch":"\#(number)"}}}"#
            Request.mergePatch(
                "\(BenchObjects.pods)/web-\(padded(number % nodes, 6))", Bytes(body)
            ).write(into: &buffer, host: address)
            number += 1
            return ExpectedAnswer(status: 200)
        }
    }
}
