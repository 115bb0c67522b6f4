// A crash and a start while watchers are connected and writes go on.

import Buffers
import Glibc
import SystemCalls

extension Row {
    static let restart = Row(
        "restart", "kill -9 and start while watchers are connected and writes go on"
    ) { try [$0.restart()] }
}

extension Workbench {
    fileprivate func restart() throws -> RowResult {
        let scene = try RestartScene(self)
        var row = RowResult(
            identifier: Row.restart.name,
            title: "kill -9 and start with \(grouped(options.history.restartObjects)) "
                + "ConfigMaps of 1 KB, \(scene.historyByteCount >> 20) MiB of events before, "
                + "\(grouped(options.history.restartWatchers)) watchers")
        let falls = try (0..<options.pairs).map { _ in try scene.fall() }
        try scene.check()
        let ready = Spread(falls.map { $0.readyAfter * 1e3 })
        let caughtUp = Spread(falls.map { $0.caughtUpAfter * 1e3 })
        row.facts = [
            Fact(name: "ready after, fastest", value: ready.lowest, unit: "ms"),
            Fact(name: "ready after, slowest", value: ready.highest, unit: "ms"),
            Fact(
                name: "processor time until then",
                value: Spread(falls.map { $0.cpuSeconds * 1e3 }).median, unit: "ms"),
            Fact(name: "all watchers caught up after", value: caughtUp.median, unit: "ms"),
            Fact(name: "slowest", value: caughtUp.highest, unit: "ms"),
            Fact(
                name: "events that they had missed, in all",
                value: Spread(falls.map { Double($0.deliveryCount) }).median, unit: ""),
            Fact(
                name: "of the watchers resumed from disk", value: Double(scene.oldCount), unit: ""),
            Fact(
                name: "writes before, during and after the falls",
                value: Double(scene.lateCount), unit: ""),
            Fact(name: "of them sent again", value: Double(scene.resentCount), unit: ""),
        ]
        row.marks = [
            Mark(name: "ready after", value: ready.median, unit: "ms", bound: .under(1_500))
        ]
        return row
    }
}

/// What one crash came to. Times count from the start of the new process.
struct Fall {
    let readyAfter: Double
    let caughtUpAfter: Double
    let cpuSeconds: Double
    let deliveryCount: Int
}

/// A server that falls, its watchers, and a writer that does not give up.
private final class RestartScene {
    private let bench: Workbench
    private let address: Endpoint
    private var process: ChildProcess
    private let firstRevision: UInt64
    private let stock: EndlessWriter
    private var crowds: [[EventTally]] = []
    let historyByteCount: Int

    private static let path = BenchObjects.configMaps()
    private static let name = "restart"
    /// How far back memory reaches at most after a start: watchers behind that read the disk.
    private static let recalledCount = 10_000

    init(_ bench: Workbench) throws {
        self.bench = bench
        address = try freePort()
        process = try spawnBinnacle(bench.binary, Self.name, bench.scratch, at: "\(address)")
        try Peer.waitUntilServing(process, address, "/readyz")
        let caller = try HTTPCaller(address)
        for body in [BenchObjects.namespaceBody, PastWrites.namespaceBody] {
            _ = try caller.expect(201, .post("/api/v1/namespaces", json: body))
        }
        historyByteCount = bench.options.history.restartHistory << 20
        try PastWrites.write(historyByteCount, to: address)
        firstRevision = try Workbench.revision(of: address, Self.path)
        stock = EndlessWriter(
            BenchObjects.configMap("restart", dataByteCount: 700), to: Self.path, address)
        try stock.fill(bench.options.history.restartObjects)
    }

    deinit { process.stop() }

    /// How many watchers are so far behind that their events are on disk only.
    var oldCount: Int { max(bench.options.history.restartWatchers / 50, 1) }
    var lateCount: Int { stock.lateCount }
    var resentCount: Int { stock.resentCount }

    /// Crashes the server while all are connected, starts it, and lets everybody resume.
    func fall() throws -> Fall {
        let crowd = try WatcherCrowd(address)
        crowd.expectsEnd = true
        let now = try Workbench.revision(of: address, Self.path)
        let away = awayPositions(now).map { EventTally(after: $0) }
        let connected = bench.options.history.restartWatchers - away.count
        try crowd.open(Array(repeating: EventTally(after: now), count: connected), Self.request)
        stock.begin()
        try read(crowd, for: 0.3)
        process.crash()
        try crowd.read { crowd.areCutOff }
        let resumed = try WatcherCrowd(address)
        let fall = try start(resumed, crowd.tallies + away)
        try read(resumed, for: 0.3)
        try stock.end()
        let last = stock.lastRevision
        try resumed.read { resumed.oldestPosition >= last }
        crowds.append(resumed.tallies)
        return fall
    }

    private func start(_ crowd: WatcherCrowd, _ tallies: [EventTally]) throws -> Fall {
        let start = monotonicNanoseconds()
        process = try spawnBinnacle(
            bench.binary, Self.name, bench.scratch, at: "\(address)")
        while !isReady() { usleep(Limits.readinessMicroseconds) }
        let ready = monotonicNanoseconds()
        let cpuSeconds = ProcessFigures(of: [process.identifier]).cpuSeconds
        let target = try Workbench.revision(of: address, Self.path)
        try crowd.open(tallies, Self.request)
        try crowd.read { crowd.oldestPosition >= target }
        let end = monotonicNanoseconds()
        return Fall(
            readyAfter: Double(ready - start) / 1e9, caughtUpAfter: Double(end - start) / 1e9,
            cpuSeconds: cpuSeconds, deliveryCount: crowd.deliveryCount)
    }

    private func isReady() -> Bool {
        guard let answer = try? HTTPCaller(address).call(.get("/readyz")) else { return false }
        return answer.status == 200
    }

    private func read(_ crowd: WatcherCrowd, for seconds: Double) throws {
        let end = monotonicNanoseconds() + Int64(seconds * 1e9)
        try crowd.read { monotonicNanoseconds() >= end || crowd.areCutOff }
    }

    /// The last positions of watchers that were away before the fall: most for a short time, a few
    /// for so long that memory does not reach back to them.
    private func awayPositions(_ now: UInt64) -> [UInt64] {
        let all = Int(now - firstRevision)
        let old = (0..<oldCount).map { index in
            all - Self.recalledCount * 3 / 2 - Self.recalledCount * index / oldCount
        }
        let recentCount = bench.options.history.restartWatchers / 10
        let recent = (0..<recentCount).map { all - 2_000 * $0 / max(recentCount, 1) }
        return (old + recent).map { firstRevision + UInt64(max($0, 0)) }
    }

    private static func request(_ index: Int, _ tally: EventTally) -> Request {
        .get("\(path)?watch=true&resourceVersion=\(tally.lastRevision)")
    }

    /// Demands that each watcher has seen each write after its first position once and in order.
    /// What there is to see comes from a list.
    func check() throws {
        let revisions = try ListedRevisions.of(Self.path, address)
        guard revisions.count == stock.count else {
            throw BenchFailure("\(revisions.count) objects are there, not \(stock.count)")
        }
        var known: [UInt64: [UInt64: EventTally]] = [:]
        for (index, tally) in crowds.joined().enumerated() {
            let expected =
                try known[tally.start]?[tally.lastRevision]
                ?? EventTally(after: tally.start, through: tally.lastRevision, revisions)
            known[tally.start, default: [:]][tally.lastRevision] = expected
            guard tally == expected else {
                throw BenchFailure(
                    "watcher \(index) saw \(tally.count) events after \(tally.start) up to "
                        + "\(tally.lastRevision), not \(expected.count)")
            }
        }
    }
}
