// A closed loop on a thread of its own, beside watchers that this thread reads.

import Synchronization
import SystemCalls

final class BackgroundLoad: Sendable {
    private let sample: Sample
    private let work: BackgroundWork

    /// - Parameter requests: makes the requests on the load's own thread; they must come to an end.
    init(
        to address: SocketAddress, connections: Int,
        _ requests: @escaping @Sendable () -> Requests
    ) {
        let sample = Sample()
        work = BackgroundWork {
            let made = try ClosedLoop(
                to: address, connections: connections, requests(), Window()
            ).run()
            sample.value.withLock { $0 = made }
        }
        self.sample = sample
    }

    /// What it came to, once it has come to its end.
    func wait() throws -> LoadSample {
        try work.wait()
        return sample.value.withLock { $0 }
    }

    private final class Sample: Sendable {
        let value = Mutex(LoadSample())
    }
}
