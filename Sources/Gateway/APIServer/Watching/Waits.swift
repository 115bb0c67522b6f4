// Requests that wait for one thing to happen: long-polls and conditional GETs.

import APIModel
import Buffers
import EventLoops
import HTTPServer
import Storage
import WatchCache

/// Why a wait is over.
enum WaitEnd: Equatable {
    case changed, timedOut, stopped
}

/// Waits on one loop. A wait is a watcher that is done after its first event, and a timer.
struct LoopWaits {
    let loop: EventLoop
    let demux: Demux

    /// Calls `then` once, when something that matches `filter` has changed after `position`, or when
    /// the time is up. When the client goes away, `then` is not called.
    func wait(
        _ read: ReadRequest, filter: Filter, after position: Revision, atMost limit: Duration,
        then: @escaping (WaitEnd) -> Void
    ) {
        let sink = OneEventSink(then)
        let watcher = demux.watch(
            read.endpoint.cache, filter: filter, from: .after(position), encoder: NoFrames.shared,
            sink: sink, wantsBookmarks: false)
        guard !sink.isDone else { return }
        let patience = max(limit - Limits.waitMargin, .zero)
        sink.timer = loop.schedule(after: patience) {
            watcher.cancel()
            sink.finish(.timedOut)
        }
        read.exchange.onClose = {
            watcher.cancel()
            sink.abandon()
        }
    }
}

/// A sink that is done after the first delivery.
private final class OneEventSink: WatchSink {
    private var then: ((WaitEnd) -> Void)?
    var timer: ScheduledWork?

    var isDone: Bool { then == nil }

    init(_ then: @escaping (WaitEnd) -> Void) { self.then = then }

    func deliver(_ frames: [Bytes], through: Revision) -> SinkState {
        finish(.changed)
        return .closed
    }

    func end(_ reason: WatchEnd) { finish(reason == .shutdown ? .stopped : .changed) }

    func finish(_ end: WaitEnd) {
        timer?.cancel()
        timer = nil
        let then = then
        self.then = nil
        then?(end)
    }

    func abandon() {
        timer?.cancel()
        timer = nil
        then = nil
    }
}

/// For waits, which need no bytes.
private final class NoFrames: EventEncoder, Sendable {
    static let shared = NoFrames()
    func encode(_ event: WatchedEvent) -> Bytes { .empty }
}
