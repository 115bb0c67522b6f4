// SIGINT and SIGTERM: the servers are ended and the scratch folder is removed.

import Dispatch
import Glibc

/// Ends everything at the first signal.
final class Interrupts {
    private let sources: [any DispatchSourceSignal]

    init(_ scratch: Scratch) {
        signal(SIGPIPE, SIG_IGN)
        sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                RunningChildren.endAll()
                scratch.remove()
                _exit(128 + number)
            }
            source.activate()
            return source
        }
    }
}
