// GET with `watch=true`: a stream of events.

import APIModel
import Buffers
import EventLoops
import HTTPServer
import HTTPWire
import Storage
import WatchCache

struct WatchRead {
    let gateway: Gateway
    let read: ReadRequest
    let options: ListOptions
    let filter: Filter

    /// Begins the stream at once, or when the cache has reached the revision that the client named.
    func run() {
        guard read.acceptance.format == .json else {
            read.respond(.notAcceptable(["application/json"]))
            return
        }
        let position = WatchPosition(options)
        guard let awaited = position.awaited else {
            begin(at: position)
            return
        }
        gateway.whenReached(awaited, read) { begin(at: position) }
    }

    private func begin(at position: WatchPosition) {
        var head = ResponseHead(status: .ok)
        head.fields.add("Content-Type", literal: "application/json")
        head.fields.add("Cache-Control", literal: "no-cache, private")
        let stream = read.exchange.beginStream(head)
        let frames = read.endpoint.views.frames(for: read.acceptance.view, read.query)
        let sink = StreamSink(stream) { Self.endFrame($0) }
        let services = gateway.services(of: read.exchange.loop)
        let watcher = services.demux.watch(
            read.endpoint.cache, filter: filter, from: start(position), encoder: frames, sink: sink,
            wantsBookmarks: options.allowWatchBookmarks)
        connect(stream, watcher, sink, services)
    }

    private func start(_ position: WatchPosition) -> WatchStart {
        switch position {
        case .after(let revision): .after(revision)
        case .presentState:
            .snapshot(read.endpoint.cache.snapshot(), marksEnd: false)
        case .streamingList:
            .snapshot(read.endpoint.cache.snapshot(), marksEnd: options.allowWatchBookmarks)
        }
    }

    private func connect(
        _ stream: ResponseStream, _ watcher: Watcher, _ sink: StreamSink, _ services: LoopServices
    ) {
        let timer = services.loop.schedule(after: duration(services)) { watcher.finish() }
        gateway.metrics.watchers.increment()
        let metrics = gateway.metrics
        sink.onEnd = {
            timer.cancel()
            metrics.watchers.decrement()
        }
        stream.onWritable = { watcher.resume() }
        stream.onClose = { [weak sink] in
            watcher.cancel()
            sink?.onEnd?()
            sink?.onEnd = nil
        }
    }

    /// What the client asked for, or between one and two times the least.
    private func duration(_ services: LoopServices) -> Duration {
        if let seconds = options.timeoutSeconds, seconds > 0 { return .seconds(seconds) }
        let least = UInt32(Limits.watchDurationMin.components.seconds)
        return .seconds(Int64(least + gateway.random(0..<least)))
    }

    /// The event that says why a watch ended early.
    private static func endFrame(_ reason: WatchEnd) -> Bytes? {
        guard case .expired(let requested, let oldest, let newest) = reason else { return nil }
        var buffer = ByteBuffer()
        buffer.append(literal: "{\"type\":\"ERROR\",\"object\":")
        buffer.append(
            APIStatus.watchExpired(requested: requested, oldest: oldest, newest: newest).bytes)
        buffer.append(literal: "}\n")
        return ChunkFraming.frame(buffer.freeze())
    }
}
