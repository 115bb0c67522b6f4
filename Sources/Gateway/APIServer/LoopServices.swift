import EventLoops
import WatchCache

/// What one event loop has for the requests on it: the fan-out of events, and those who wait.
final class LoopServices: Sendable {
    let loop: EventLoop
    let demux: Demux

    init(loop: EventLoop, cache: Cache) {
        self.loop = loop
        demux = Demux(
            cache: cache, execute: { loop.execute($0) }, assertConfined: { loop.assertOnLoop() })
    }

    /// Those of every loop.
    static func all(_ parts: GatewayParts) -> [ObjectIdentifier: LoopServices] {
        Dictionary(
            uniqueKeysWithValues: parts.loops.loops.map { loop in
                (ObjectIdentifier(loop), LoopServices(loop: loop, cache: parts.cache))
            })
    }

    /// Sends bookmarks from now on, at most `Limits.bookmarkInterval` apart.
    func startBookmarks() {
        loop.execute { [self] in scheduleBookmarks() }
    }

    private func scheduleBookmarks() {
        loop.schedule(after: Limits.bookmarkInterval) { [weak self] in
            self?.demux.sendBookmarks()
            self?.scheduleBookmarks()
        }
    }

    /// Lets `continuation` know of every change of a resource's objects that are selected, until
    /// the loop's watches end.
    func signalChanges(
        of resource: ResourceCache, _ continuation: AsyncStream<Void>.Continuation,
        only selection: Selection = Selection()
    ) {
        loop.execute { [self] in
            var request = WatchRequest(
                filter: resource.filter(selection), start: .after(resource.snapshot().revision),
                encoder: NoFrames.shared)
            request.isCounted = false
            _ = demux.watch(resource, request, sink: ChangeSignal(continuation))
        }
    }

    /// Ends every watch and wait on this loop.
    func stop() async {
        await withCheckedContinuation { done in
            loop.execute { [self] in
                demux.shutDown()
                done.resume()
            }
        }
    }
}
