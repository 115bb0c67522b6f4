// The watch cache by itself.

import Buffers
import Storage
import WatchCache

extension Piece {
    private static let podCount = 10_000

    /// A step that shares no divisor with the pods' number spreads changes over all leaves.
    private static func spread(_ index: Int) -> Int { index * 7919 % podCount }

    static func apply() throws -> Piece {
        let pods = try PodCache(podCount)
        let batchCount = 64
        var written = 0
        var batch = pods.events([0])
        return Piece(
            name: "apply",
            title: "snapshot and log: apply a changed pod to \(podCount), \(batchCount) in a batch",
            operationCount: batchCount, byteCount: batchCount * pods.podByteCount,
            prepare: {
                batch = pods.events((written..<written + batchCount).map(spread))
                written += batchCount
            },
            run: { pods.cache.applyDirectly(batch) })
    }

    /// Lists all pods after each leaf has changed, so that nothing that was joined is of use.
    static func joinLeaves() throws -> Piece {
        let pods = try PodCache(podCount)
        let range = pods.pods.filter(Selection()).range
        return Piece(
            name: "leaf-join", title: "leaves: join the items of all \(podCount) pods anew",
            byteCount: podCount * pods.podByteCount,
            prepare: { changeEachLeaf(pods) },
            run: { keep(pods.pods.snapshot().items(in: range).byteCount) })
    }

    static func deflateLeaves() throws -> Piece {
        let pods = try PodCache(podCount)
        let range = pods.pods.filter(Selection()).range
        return Piece(
            name: "leaf-deflate", title: "leaves: compress all \(podCount) pods anew",
            byteCount: podCount * pods.podByteCount,
            prepare: { changeEachLeaf(pods) },
            run: {
                let list = pods.pods.snapshot().gzipList(head: "{", range: range, tail: "}")
                keep(list.count)
            })
    }

    /// A leaf holds more than sixteen objects.
    private static func changeEachLeaf(_ pods: PodCache) {
        pods.apply(stride(from: 0, to: podCount, by: 16))
    }

    static func filterMatch() throws -> Piece {
        let pods = try PodCache(podCount)
        let selection = Selection(
            namespace: BenchObjects.namespace,
            labels: [.isIn("group", ["g-007"]), .exists("tier")])
        let filter = pods.pods.filter(selection)
        var objects: [CachedObject] = []
        pods.pods.snapshot().forEachObject { objects.append($0) }
        return Piece(
            name: "filter-match", title: "filters: match an object against two labels",
            operationCount: objects.count,
            run: {
                let count = objects.count { filter.matches($0) }
                guard count == 100 else { throw BenchFailure("\(count) pods match, not 100") }
            })
    }

    // MARK: Fan-out

    static func demuxToAll() throws -> Piece {
        let watchers = try DemuxWatchers(podCount) { _ in Selection() }
        return Piece(
            name: "demux-all", title: "demux: an event to each of \(podCount) watchers",
            operationCount: podCount,
            run: { try watchers.write([0], expecting: podCount) })
    }

    static func demuxByName() throws -> Piece {
        let watchers = try DemuxWatchers(podCount) { number in
            Selection(
                namespace: BenchObjects.namespace, name: "web-7c5ddbdf54-\(padded(number, 6))")
        }
        let batchCount = 64
        var written = 0
        return Piece(
            name: "demux-name",
            title: "demux: apply an event that one of \(podCount) watchers selects by name",
            operationCount: batchCount,
            run: {
                let numbers = (written..<written + batchCount).map(spread)
                written += batchCount
                try watchers.write(numbers, expecting: batchCount)
            })
    }
}

/// Watchers whose sinks only count.
private final class DemuxWatchers {
    private let pods: PodCache
    private let demux: Demux
    private let turns = Turns()
    private let sink = CountingSink()
    private var watchers: [Watcher] = []

    init(_ count: Int, _ selection: (Int) -> Selection) throws {
        pods = try PodCache(count)
        let turns = turns
        demux = Demux(cache: pods.cache, execute: { turns.add($0) })
        let encoder = FixedEncoder()
        let start = pods.pods.snapshot().revision
        for number in 0..<count {
            let request = WatchRequest(
                filter: pods.pods.filter(selection(number)), start: .after(start),
                encoder: encoder)
            watchers.append(demux.watch(pods.pods, request, sink: sink))
        }
        turns.run()
    }

    deinit { demux.shutDown() }

    /// Writes these pods, and demands that so many frames come of it.
    func write(_ numbers: [Int], expecting count: Int) throws {
        sink.frameCount = 0
        pods.apply(numbers)
        turns.run()
        guard sink.frameCount == count else {
            throw BenchFailure("\(sink.frameCount) frames were delivered, not \(count)")
        }
    }

    private final class CountingSink: WatchSink {
        var frameCount = 0

        func deliver(_ frames: [Bytes], through: Revision) -> SinkState {
            frameCount += frames.count
            return .ready
        }

        func end(_ reason: WatchEnd) {}
    }

    private final class FixedEncoder: EventEncoder {
        private let frame = Bytes("an event")
        func encode(_ event: WatchedEvent) -> Bytes { frame }
    }
}
