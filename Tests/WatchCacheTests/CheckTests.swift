// The cache beside a store that it was told lies about.

import Buffers
import Observability
import Storage
import StorageTesting
import Synchronization
import Testing

@testable import WatchCache

/// A followed cache over a store that may lie, and a loop for watchers.
private final class Bench: Sendable {
    let store = LyingStore()
    let cache: Cache
    let registry = MetricsRegistry()
    let loop = ManualLoop()
    private let reports = ReportBox()
    private let following: Task<Void, Never>

    init(
        clock: CacheClock = .continuous, _ adjust: (inout WatchCache.Limits) -> Void = { _ in }
    ) async throws {
        var limits = WatchCache.Limits()
        limits.checkPause = .zero
        adjust(&limits)
        let reports = reports
        let cache = Cache(
            store: store, history: store.memory, resources: [Samples.pods, Samples.nodes],
            clock: clock, limits: limits, registry: registry, report: { reports.append($0) })
        self.cache = cache
        try await cache.load()
        following = Task { await cache.run() }
    }

    var findings: [CheckFinding] {
        reports.all.compactMap { if case .differs(let finding) = $0 { finding } else { nil } }
    }
    var reported: [CacheReport] { reports.all }

    /// Waits until the cache has come to the newest revision of the store.
    func settle() async throws {
        #expect(await cache.waitUntilApplied(try await store.currentRevision()))
    }

    func stop() async {
        following.cancel()
        await following.value
    }

    /// The cache's pods as key, revision and bytes.
    var shown: [String] {
        var lines: [String] = []
        cache.pods.snapshot().forEach(in: cache.pods.keyRange) { object in
            lines.append("\(object.key) \(object.revision) \(object.body)")
            return true
        }
        return lines
    }

    /// The same of a cache that is made anew from the store.
    func truth() async throws -> [String] {
        let fresh = Cache(store: store.memory, resources: [Samples.pods, Samples.nodes])
        try await fresh.load()
        var lines: [String] = []
        fresh.pods.snapshot().forEach(in: fresh.pods.keyRange) { object in
            lines.append("\(object.key) \(object.revision) \(object.body)")
            return true
        }
        return lines
    }

    func checks(_ status: String) -> String? {
        var buffer = ByteBuffer()
        cache.refreshFigures()
        registry.write(into: &buffer)
        let name = "apiserver_storage_consistency_checks_total"
        let series = "\(name){group=\"\",resource=\"pods\",status=\"\(status)\"} "
        return String(buffer.freeze()).split(separator: "\n").first { $0.hasPrefix(series) }
            .map { String($0.dropFirst(series.utf8.count)) }
    }
}

private final class ReportBox: Sendable {
    private let reports = Mutex<[CacheReport]>([])
    func append(_ report: CacheReport) { reports.withLock { $0.append(report) } }
    var all: [CacheReport] { reports.withLock { $0 } }
}

/// What a client that keeps a copy would have.
private final class Copy: WatchSink {
    private(set) var headlines: [String] = []
    private(set) var isEnded = false
    private var bodies: [String: String] = [:]

    var objects: [String] { bodies.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" } }

    func deliver(_ frames: [Bytes], through: Revision) -> SinkState {
        for frame in frames {
            let parts = String(frame).split(
                separator: "|", maxSplits: 3, omittingEmptySubsequences: false
            ).map(String.init)
            headlines.append("\(parts[0]) \(parts[1]) \(parts[2])")
            bodies[parts[1]] = parts[0] == "DELETED" ? nil : "\(parts[2]) \(parts[3])"
        }
        return .ready
    }

    func end(_ reason: WatchEnd) { isEnded = true }
}

@Suite(.timeLimit(.minutes(5))) struct CheckTests {
    private static let key = "core/pods/default/a"

    private func watch(_ bench: Bench, _ demux: Demux, after revision: Revision) -> Copy {
        let copy = Copy()
        let request = WatchRequest(
            filter: bench.cache.pods.filter(Selection()), start: .after(revision),
            encoder: TextEncoder())
        _ = demux.watch(bench.cache.pods, request, sink: copy)
        return copy
    }

    @Test func `a cache that shows what the store has is left as it is`() async throws {
        let bench = try await Bench { $0.checkPageItemCount = 7 }
        for number in 0..<50 { try await bench.store.put(Samples.pod("p\(number)")) }
        try await bench.store.delete("core/pods/default/p3")
        // It cannot be shown, so that it is right that the cache does not.
        let odd = Operation.put("core/pods/default/odd", "nonsense")
        _ = try await bench.store.commit(Transaction(operations: [odd]))
        try await bench.settle()
        let before = bench.cache.appliedRevision
        await bench.cache.check()
        #expect(bench.findings.isEmpty)
        #expect(bench.checks("success") == "1" && bench.checks("failure") == "0")
        #expect(try await bench.store.currentRevision() == before)
        await bench.stop()
    }

    /// What the watch makes of an event; `nil` when it loses it.
    private static func told(_ event: Event, _ lie: String) -> Event? {
        let label =
            switch lie {
            case "other value": "9"
            case "older one": "1"
            default: ""
            }
        guard !label.isEmpty else { return nil }
        return Event(
            revision: event.revision, key: event.key,
            change: .put(Samples.pod("a", labels: ["v": label]).value), previous: event.previous)
    }

    @Test(arguments: ["lost creation", "lost change", "lost deletion", "other value", "older one"])
    func `what a watch did not bring is found and shown to watchers`(lie: String) async throws {
        let bench = try await Bench()
        let demux = bench.loop.demux(bench.cache)
        let first = Samples.pod("a", labels: ["v": "1"])
        if lie != "lost creation" { try await bench.store.put(first) }
        try await bench.settle()
        let copy = watch(bench, demux, after: .zero)
        bench.loop.runAll()
        bench.store.tell { event in event.key == Key(Self.key) ? Self.told(event, lie) : event }
        if lie == "lost deletion" {
            try await bench.store.delete(Self.key)
        } else {
            try await bench.store.put(Samples.pod("a", labels: ["v": "2"]))
        }
        try await bench.settle()
        bench.store.tell(nil)
        let position = try await bench.store.put(Samples.pod("b"))
        try await bench.settle()
        bench.loop.runAll()
        let truth = try await bench.truth()
        #expect(bench.shown != truth)
        await bench.cache.check()
        bench.loop.runAll()
        #expect(bench.shown == truth)
        #expect(copy.objects == truth && !copy.isEnded)
        #expect(bench.findings.map(\.firstKey) == [Key(Self.key)])
        #expect(bench.findings.map(\.revision) == [position])
        #expect(bench.checks("failure") == "1" && bench.checks("success") == "1")
        // Whoever comes back from before it is shown it, too.
        let late = watch(bench, demux, after: position)
        bench.loop.runAll()
        #expect(late.headlines.count == 1 && late.headlines[0].contains(Self.key))
        demux.shutDown()
        await bench.stop()
    }

    @Test func `more than can be corrected at once is corrected in rounds`() async throws {
        let bench = try await Bench {
            $0.checkedKeyCountMax = 6
            $0.checkPageItemCount = 4
        }
        bench.store.tell { event in event.key.description.hasPrefix("core/pods") ? nil : event }
        for number in 0..<20 { try await bench.store.put(Samples.pod("p\(number)")) }
        try await bench.settle()
        bench.store.tell(nil)
        #expect(bench.shown.isEmpty)
        await bench.cache.check()
        let truth = try await bench.truth()
        #expect(bench.shown.count == 20 && bench.shown == truth)
        #expect(bench.findings.map(\.keyCount) == [6, 6, 6, 2])
        await bench.stop()
    }

    @Test func `a store that cannot be listed is not compared, and nothing changes`() async throws {
        let bench = try await Bench()
        try await bench.store.put(Samples.pod("a"))
        try await bench.settle()
        bench.store.failListing(with: .unavailable(reason: "by the test"))
        await bench.cache.check()
        #expect(bench.shown.count == 1 && bench.findings.isEmpty)
        #expect(bench.checks("error") == "1" && bench.checks("success") == "0")
        #expect(
            bench.reported.contains(
                .unchecked(resource: "core/pods", .unavailable(reason: "by the test"))))
        await bench.stop()
    }

    @Test func `checks come after their interval, and rest between two pages`() async throws {
        let clock = ManualClock()
        let bench = try await Bench(clock: clock.cacheClock) {
            $0.checkInterval = .seconds(100)
            $0.checkPause = .milliseconds(20)
            $0.checkPageItemCount = 2
        }
        for number in 0..<5 { try await bench.store.put(Samples.pod("p\(number)")) }
        try await bench.settle()
        let cache = bench.cache
        let checking = Task { await cache.runChecks() }
        func waitForSleeper() async { while clock.sleeperCount == 0 { await Task.yield() } }
        await waitForSleeper()
        let before = bench.store.listCount
        clock.advance(by: .seconds(74))
        #expect(bench.store.listCount == before && clock.sleeperCount == 1)
        clock.advance(by: .seconds(51))
        // One page of nodes, then one of pods for each pause.
        await waitForSleeper()
        #expect(bench.store.listCount == before + 2)
        clock.advance(by: .milliseconds(20))
        await waitForSleeper()
        #expect(bench.store.listCount == before + 3)
        clock.advance(by: .milliseconds(20))
        await waitForSleeper()
        #expect(bench.store.listCount == before + 4 && bench.checks("success") == "1")
        checking.cancel()
        await checking.value
        await bench.stop()
    }

    @Test func `after any lies a check makes cache and watchers equal to the store`() async throws {
        var generator = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: 0...UInt64.max, using: &generator)
        var random = RandomLies(seed: seed)
        for _ in 0..<20 {
            let bench = try await Bench {
                $0.checkedKeyCountMax = 5
                $0.checkPageItemCount = 3
            }
            let demux = bench.loop.demux(bench.cache)
            let copy = watch(bench, demux, after: .zero)
            for _ in 0..<60 {
                let name = "p\(random.next(12))"
                try await bench.settle()
                bench.store.tell(random.lie())
                if random.next(4) == 0 {
                    try await bench.store.delete("core/pods/default/" + name)
                } else {
                    try await bench.store.put(
                        Samples.pod(name, labels: ["v": "\(random.next(9))"]))
                }
                if random.next(2) == 0 { bench.loop.runAll() }
            }
            try await bench.settle()
            bench.store.tell(nil)
            await bench.cache.check()
            bench.loop.runAll()
            let truth = try await bench.truth()
            #expect(bench.shown == truth, "seed \(seed)")
            #expect(copy.objects == truth, "seed \(seed)")
            demux.shutDown()
            await bench.stop()
        }
    }
}

/// Lies that can be told again from their seed.
private struct RandomLies {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
    }

    mutating func lie() -> LyingStore.Lie? {
        switch next(4) {
        case 0: return { event in event.key.description.hasPrefix("core/") ? nil : event }
        case 1:
            let label = "lie\(next(9))"
            return { event in
                guard case .put = event.change, event.key.description.hasPrefix("core/pods/")
                else { return event }
                let name = String(event.key.description.split(separator: "/").last!)
                return Event(
                    revision: event.revision, key: event.key,
                    change: .put(Samples.pod(name, labels: ["v": label]).value), previous: nil)
            }
        default: return nil
        }
    }
}
