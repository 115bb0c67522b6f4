// A load on a thread of its own, beside watchers that this thread reads.

import Synchronization

/// Requests that come to an end, sent while another thread does something else.
final class BackgroundLoad: Sendable {
    private let sample: Sample
    private let work: BackgroundWork

    /// - Parameter requests: makes the requests on the load's own thread; they must come to an end.
    init(
        to endpoint: Endpoint, connections: Int, pace: Pace = .closed,
        _ requests: @escaping @Sendable () -> Requests
    ) {
        let sample = Sample()
        work = BackgroundWork {
            let made = try LoadLoop(
                to: endpoint, connections: connections, requests(), Window(pace: pace)
            ).run()
            sample.value.withLock { $0 = made }
        }
        self.sample = sample
    }

    /// Why it has failed, if it has.
    var error: (any Error)? { work.error }

    /// What it came to, once it has come to its end.
    func wait() throws -> LoadSample {
        try work.wait()
        return sample.value.withLock { $0 }
    }

    private final class Sample: Sendable {
        let value = Mutex(LoadSample())
    }
}
