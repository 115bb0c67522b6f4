import APIModel
import Buffers
import EventLoops
import HTTPServer
import HTTPWire
import Observability
import Storage
import WatchCache

/// An open watch: a watcher of the cache on one side, a response on the other. When the connection
/// takes no more, the watcher is parked at its position, and goes on when there is room again.
final class WatchStream: WatchSink, @unchecked Sendable {
    // Reason: used on its connection's loop only.
    private let stream: ResponseStream
    private let frames: EventFrames
    private let wantsBookmarks: Bool
    private let openCount: Gauge
    private var watcher: Watcher?
    private var timer: ScheduledWork?
    private let requested: Revision
    private let cache: ResourceCache

    init(
        _ stream: ResponseStream, frames: EventFrames, _ options: ListOptions,
        _ endpoint: ResourceEndpoint
    ) {
        cache = endpoint.cache
        self.stream = stream
        self.frames = frames
        openCount = endpoint.counters.lasting(.watch)
        wantsBookmarks = options.allowWatchBookmarks
        requested = Revision(options.resourceVersion ?? 0)
        openCount.increment()
    }

    /// Lets events through from now on, for no longer than `limit`.
    func run(_ watcher: Watcher, atMost limit: Duration) {
        self.watcher = watcher
        stream.onWritable = { watcher.resume() }
        stream.onClose = { [self] in close() }
        timer = stream.loop.schedule(after: limit) { [self] in endRegularly() }
    }

    func deliver(_ frames: [Bytes], through: Revision) -> SinkState {
        switch stream.write(frames) {
        case .ready: .ready
        case .full: .full
        case .closed: .closed
        }
    }

    func end(_ reason: WatchEnd) {
        if case .expired(let oldest) = reason {
            _ = stream.write(Self.expired(requested, oldest, cache.snapshot().revision))
        }
        stream.end()
        close()
    }

    /// The time is up: a last bookmark, so that the client goes on from where it is.
    private func endRegularly() {
        guard let watcher else { return }
        let revision = watcher.deliveredThrough
        if wantsBookmarks, revision > .zero {
            _ = stream.write(frames.encode(.bookmark(revision)))
        }
        stream.end()
        close()
    }

    private func close() {
        guard let watcher else { return }
        self.watcher = nil
        watcher.cancel()
        timer?.cancel()
        timer = nil
        stream.onWritable = nil
        stream.onClose = nil
        openCount.decrement()
    }

    /// The event that says that the position is out of the window.
    private static func expired(
        _ requested: Revision, _ oldest: Revision, _ newest: Revision
    ) -> Bytes {
        var buffer = ByteBuffer()
        buffer.append(literal: "{\"type\":\"ERROR\",\"object\":")
        buffer.append(
            APIStatus.watchExpired(
                requested: requested.rawValue, oldest: oldest.rawValue, newest: newest.rawValue
            ).bytes)
        buffer.append(literal: "}\n")
        return ChunkFraming.frame(buffer.freeze())
    }
}
