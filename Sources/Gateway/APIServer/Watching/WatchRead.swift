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
            read.refuse(.notAcceptable(accepted: ["application/json"]))
            return
        }
        let position = WatchPosition(options)
        gateway.whenFresh(Freshness(options.resourceVersion), read) { read in
            begin(at: position, staleness: read.staleness)
        }
    }

    private func begin(at position: WatchPosition, staleness: Duration?) {
        guard !gateway.hasBegunToStop else {
            read.refuse(Self.stopping)
            return
        }
        read.endpoint.counters.count(.watch, code: 200)
        var head = ResponseHead(.ok)
        head.fields.add("Content-Type", literal: "application/json")
        head.fields.add("Cache-Control", literal: "no-cache, private")
        if let staleness { head.fields.add("Warning", Answer.warning(staleness.stalenessWarning)) }
        let frames = read.endpoint.views.frames(for: read.acceptance.view, read.query)
        let stream = WatchStream(
            read.exchange.beginStream(head), frames: frames, options, read.endpoint)
        let request = WatchRequest(
            filter: filter, start: start(position), encoder: frames,
            wantsBookmarks: options.allowWatchBookmarks)
        let watcher = gateway.services(of: read.exchange.loop).demux.watch(
            read.endpoint.cache, request, sink: stream)
        stream.run(watcher, atMost: duration)
    }

    private static let stopping: APIStatus = {
        var status = APIStatus.serviceUnavailable("the server is about to end, try another one")
        status.details = APIStatus.Details()
        status.details?.retryAfterSeconds = 1
        return status
    }()

    private func start(_ position: WatchPosition) -> WatchRequest.Start {
        switch position {
        case .after(let revision): .after(revision)
        case .presentState: .initial(read.endpoint.cache.snapshot(), marksEnd: false)
        case .streamingList:
            .initial(read.endpoint.cache.snapshot(), marksEnd: options.allowWatchBookmarks)
        }
    }

    /// A watch ends with the credentials that it was begun with. It does not end when rights are
    /// taken away meanwhile, as in Kubernetes.
    private var duration: Duration {
        let asked = options.timeoutSeconds.flatMap { $0 > 0 ? Duration.seconds($0) : nil }
        return gateway.allowed(gateway.patience.ofWatch(asked), read)
    }
}
