import Dispatch
import SystemCalls

/// SIGTERM and SIGINT. The first asks the server to stop; the second ends the process at once.
final class TerminationSignals: Sendable {
    private let received: AsyncStream<Void>

    /// From now on the signals no longer end the process by themselves.
    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        received = stream
        watchTerminationSignals { count in
            if count > 1 { exitProcess(status: 1) }
            continuation.yield()
        }
    }

    /// Returns at the first signal.
    func first() async {
        for await _ in received { return }
    }
}
