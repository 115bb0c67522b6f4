// Requests that wait for one thing to happen: long-polls and conditional GETs.

import APIModel
import Buffers
import EventLoops
import HTTPServer
import Observability
import Storage
import WatchCache

/// Why a wait is over.
enum WaitEnd: Equatable {
    case changed, timedOut, stopped
}

/// Waits on the loops of requests. A wait is a watcher that is done after its first event, and a
/// timer.
struct Waits {
    let gateway: Gateway

    /// Calls `then` once, when something that matches `filter` has changed after `position`, or
    /// when the time that `Patience` makes of `limit` is up. When the client goes away, `then` is
    /// not called.
    func wait(
        _ read: ReadRequest, filter: Filter, after position: Revision, atMost limit: Duration,
        then: @escaping (WaitEnd) -> Void
    ) {
        guard !gateway.hasBegunToStop else {
            then(.stopped)
            return
        }
        let services = gateway.services(of: read.exchange.loop)
        let sink = OneEventSink(then)
        sink.begin(countedBy: read.endpoint.counters.lasting(read.verb))
        var request = WatchRequest(
            filter: filter, start: .after(position), encoder: NoFrames.shared)
        request.isCounted = false
        sink.watcher = services.demux.watch(read.endpoint.cache, request, sink: sink)
        let patience = gateway.allowed(gateway.patience.ofWait(limit), read)
        sink.timer = services.loop.schedule(after: patience) { sink.finish(.timedOut) }
        read.exchange.onClose = { sink.abandon() }
    }
}

/// A sink that is done after the first delivery.
private final class OneEventSink: WatchSink, @unchecked Sendable {
    // Reason: used on its connection's loop only.
    private var then: ((WaitEnd) -> Void)?
    var timer: ScheduledWork?
    var watcher: Watcher?
    private var gauge: Gauge?

    init(_ then: @escaping (WaitEnd) -> Void) { self.then = then }

    func begin(countedBy gauge: Gauge) {
        gauge.increment()
        self.gauge = gauge
    }

    func deliver(_ frames: [Bytes], through: Revision) -> SinkState {
        finish(.changed)
        return .closed
    }

    func end(_ reason: WatchEnd) { finish(reason == .shutdown ? .stopped : .changed) }

    /// Tells the one who waits, unless that has been done.
    func finish(_ end: WaitEnd) {
        let then = then
        abandon()
        then?(end)
    }

    /// Nobody waits any more.
    func abandon() {
        then = nil
        gauge?.decrement()
        gauge = nil
        timer?.cancel()
        timer = nil
        watcher?.cancel()
        watcher = nil
    }
}

/// For those who want to know that something changed, and need no bytes.
final class NoFrames: EventEncoder, Sendable {
    static let shared = NoFrames()
    func encode(_ event: WatchedEvent) -> Bytes { .empty }
}
