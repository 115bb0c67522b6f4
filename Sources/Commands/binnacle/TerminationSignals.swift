import Dispatch
import Glibc
import Synchronization

/// SIGTERM and SIGINT. The first asks the server to stop; the second ends the process at once.
final class TerminationSignals: @unchecked Sendable {
    // Reason: the sources are made here and only kept alive afterwards.
    private let sources: [any DispatchSourceSignal]
    private let received: AsyncStream<Void>

    /// From now on the signals no longer end the process by themselves. SIGPIPE is ignored: a write
    /// to a closed connection is an error of that connection.
    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        received = stream
        let queue = DispatchQueue(label: "binnacle.signals")
        let counter = SignalCounter()
        signal(SIGPIPE, SIG_IGN)
        sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                if counter.next() > 1 { _exit(1) }
                continuation.yield()
            }
            source.activate()
            return source
        }
    }

    /// Returns at the first signal.
    func first() async {
        for await _ in received { return }
    }
}

private final class SignalCounter: Sendable {
    private let count = Atomic<Int>(0)

    func next() -> Int { count.wrappingAdd(1, ordering: .relaxed).newValue }
}
