// The cost of operations as objects and watchers grow in number.

import Buffers

extension Row {
    static let growth = Row(
        "growth", "processor time of each operation as objects and watchers become more"
    ) { bench in
        [try bench.growthOfObjects(), try bench.growthOfWatchers()]
    }
}

extension Workbench {
    fileprivate func growthOfObjects() throws -> RowResult {
        let counts = options.growthObjectCounts.sorted()
        let scene = try GrowingScene(self)
        var row = RowResult(
            identifier: "growth-objects", title: "processor time of the server by pods held")
        row.curves = GrowingScene.operations.map { Curve(name: $0.name, unit: "µs each") }
        for count in counts {
            try scene.grow(to: count)
            for (index, operation) in GrowingScene.operations.enumerated() {
                profileName = "growth-\(count)-\(index)"
                let cost = try operation.measure(scene)
                row.curves[index].points.append(Curve.Point(size: count, value: cost))
            }
        }
        for curve in row.curves where ["GET", "delivered event"].contains(curve.name) {
            row.marks.append(
                Mark(
                    name: "\(curve.name), \(figure(Double(counts.last ?? 0))) pods through "
                        + "\(figure(Double(counts.first ?? 0)))",
                    value: curve.growth, bound: .under(1.3)))
        }
        return row
    }

    fileprivate func growthOfWatchers() throws -> RowResult {
        var row = RowResult(
            identifier: "growth-watchers", title: "processor time of the server by watchers")
        var toAll = Curve(name: "delivery, each event to all", unit: "µs each")
        var byName = Curve(name: "write, each to one of them", unit: "µs each")
        for count in options.growthWatcherCounts.sorted() {
            toAll.points.append(Curve.Point(size: count, value: try costOfDelivery(count)))
            let scene = try NamedScene(self, count)
            let round = try scene.write(.closed)
            byName.points.append(
                Curve.Point(size: count, value: round.cpuMicrosecondsEach))
        }
        row.curves = [toAll, byName]
        return row
    }

    private func costOfDelivery(_ count: Int) throws -> Double {
        let broadcaster = try BinnacleBroadcaster(
            freshBinnacle("growth-\(count)"), .plain, isPolled: false)
        let scene = try BroadcastScene(broadcaster, subscribers: count)
        // Enough writes that processor time, which moves in steps of 10 ms, can be told.
        let writeCount = max(min(100_000 / count, 1_000), 5)
        let round = try scene.flood(writeCount)
        try scene.check()
        return round.cpuMicrosecondsEach
    }
}

/// A server with more and more pods.
private final class GrowingScene {
    struct Operation: Sendable {
        let name: String
        /// Returns microseconds of the server's processor time for each.
        let measure: @Sendable (GrowingScene) throws -> Double
    }

    static let operations = [
        Operation(name: "GET") { try $0.cost(of: BenchObjects.pod(0)) },
        Operation(name: "LIST by label") {
            try $0.cost(of: "\(BenchObjects.pods)?labelSelector=group%3Dg-000")
        },
        Operation(name: "LIST by node") {
            try $0.cost(of: "\(BenchObjects.pods)?fieldSelector=spec.nodeName%3Dnode-0000")
        },
        Operation(name: "LIST limit=500") { try $0.cost(of: "\(BenchObjects.pods)?limit=500") },
        Operation(name: "PATCH") { try $0.costOfPatch() },
        Operation(name: "delivered event") { try $0.costOfDelivery() },
    ]

    private let bench: Workbench
    private let peer: Peer
    private let template = BenchObjects.pod(paddingByteCount: 0)
    private var count = 0
    private var patchCount = 0

    private static let connectionCount = 16
    /// Processor time settles sooner than rates do.
    private static let secondsMax = 1.0
    private static let watcherCount = 100
    private static let deliveredPatchCount = 500

    init(_ bench: Workbench) throws {
        self.bench = bench
        peer = try bench.freshBinnacle("growth")
    }

    func grow(to wanted: Int) throws {
        let requests = Requests.posting(
            template, to: BenchObjects.pods, at: peer.address, count..<max(wanted, count))
        _ = try bench.exhaust(peer, connections: 32, requests)
        count = max(wanted, count)
    }

    func cost(of path: String) throws -> Double {
        let requests = Requests.repeating(.get(path), to: peer.address, ExpectedAnswer())
        return try cost(of: requests)
    }

    private func cost(of requests: Requests) throws -> Double {
        try bench.round(
            peer, connections: Self.connectionCount, requests,
            seconds: min(bench.options.seconds, Self.secondsMax)
        ).cpuMicrosecondsEach
    }

    func costOfPatch() throws -> Double {
        let (endpoint, count, first) = (peer.address, count, patchCount)
        var patched = first
        let requests = Requests { _, buffer in
            patched += 1
            Self.patch(patched, of: count).write(into: &buffer, host: endpoint)
            return ExpectedAnswer()
        }
        defer { patchCount = patched }
        return try cost(of: requests)
    }

    /// Of a patch that a hundred watchers see; the patch itself is in it.
    func costOfDelivery() throws -> Double {
        let revision = try Workbench.revision(of: peer.address, BenchObjects.pods)
        let crowd = try WatcherCrowd(peer.address)
        let tallies = Array(repeating: EventTally(after: revision), count: Self.watcherCount)
        try crowd.open(tallies) { _, _ in
            .get("\(BenchObjects.pods)?watch=true&resourceVersion=\(revision)")
        }
        let cpuBefore = peer.figures.cpuSeconds
        let (endpoint, count, first) = (peer.address, count, patchCount)
        let load = BackgroundLoad(to: endpoint, connections: 8) {
            .numbered(0..<Self.deliveredPatchCount, answered: 200, to: endpoint) { number, _ in
                Self.patch(first + number + 1, of: count)
            }
        }
        patchCount += Self.deliveredPatchCount
        let deliveryCount = Self.deliveredPatchCount * Self.watcherCount
        try crowd.read(untilDelivered: deliveryCount, of: load)
        _ = try load.wait()
        return (peer.figures.cpuSeconds - cpuBefore) * 1e6 / Double(deliveryCount)
    }

    private static func patch(_ number: Int, of count: Int) -> Request {
        let body = #"{"metadata":{"annotations":{"example.com/patch":"\#(number)"}}}"#
        return .mergePatch(BenchObjects.pod(number * 7919 % count), Bytes(body))
    }
}
