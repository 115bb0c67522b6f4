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
        startRevision = try Self.revision(of: peer)
        crowd = try WatcherCrowd(peer.address)
        let before = peer.figures.residentByteCount
        try crowd.open(
            watcherCount, .get("\(Self.path)?watch=true&resourceVersion=\(startRevision)"))
        let grown = peer.figures.residentByteCount - before
        bytesPerWatcher = Double(grown) / Double(watcherCount)
    }

    func profile(_ bench: Workbench) throws -> ChildProcess? { try bench.profile(peer) }

    private static func revision(of peer: Peer) throws -> String {
        let list = try HTTPCaller(peer.address).expect(200, .get("\(path)?limit=1")).body
        guard let revision = try JSONValue(parsing: list)["metadata"]?["resourceVersion"]?.string
        else { throw BenchFailure("a list without resourceVersion") }
        return revision
    }

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
                to: address, connections: Self.writerCount, Self.stampedCreates(range, address),
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
        let address = peer.address
        let writer = BackgroundWork {
            let caller = try HTTPCaller(address)
            let start = monotonicNanoseconds() + 50_000_000
            for (index, number) in range.enumerated() {
                let due = start + Int64(index) * 1_000_000_000 / Int64(perSecond)
                waitUntil(nanoseconds: due)
                let body = Self.stamped(number, at: due)
                _ = try caller.expect(201, .post(Self.path, json: body))
            }
        }
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

    /// A ConfigMap that says when it was sent.
    private static func stamped(_ number: Int, at nanoseconds: Int64) -> Bytes {
        Bytes(
            """
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"event-\(padded(number, 8))"},\
            "data":{"sent":"\(EventLine.sentMark)\(nanoseconds)","text":"\(text)"}}
            """)
    }

    private static let text = filler(256)

    private static func stampedCreates(_ range: Range<Int>, _ address: SocketAddress) -> Requests {
        var number = range.lowerBound
        return Requests { _, buffer in
            guard number < range.upperBound else { return nil }
            let body = stamped(number, at: monotonicNanoseconds())
            Request.post(path, json: body).write(into: &buffer, host: address)
            number += 1
            return ExpectedAnswer(status: 201)
        }
    }
}
