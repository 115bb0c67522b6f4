// Threads of our own, for work that waits in the kernel.

import Glibc

/// Names a thread for comparison. The system uses a name again when the thread has ended.
public struct ThreadName: Hashable, Sendable {
    public let rawValue: UInt

    public init(rawValue: UInt) { self.rawValue = rawValue }

    /// The thread that asks.
    public static var current: ThreadName { ThreadName(rawValue: UInt(pthread_self())) }
}

/// Runs `body` on a thread of its own, which ends with it.
/// - Throws: what pthread_create(3) refused: there are too many threads, or no memory.
public func startThread(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
    let start = Unmanaged.passRetained(ThreadStart(body))
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
    var thread = pthread_t()
    let result = pthread_create(
        &thread, &attributes,
        { argument in
            let start = Unmanaged<ThreadStart>.fromOpaque(argument!).takeRetainedValue()
            start.body()
            return nil
        }, start.toOpaque())
    guard result == 0 else {
        start.release()
        throw SystemError(code: result, operation: "pthread_create")
    }
}

private final class ThreadStart: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
