// Which of many descriptors are ready: one epoll descriptor.

import CLinux
import Glibc

/// What a descriptor is ready for.
public struct Readiness: OptionSet, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let readable = Readiness(rawValue: clinux_readable)
    public static let writable = Readiness(rawValue: clinux_writable)
    /// The peer will send nothing more; what it sent before may still be unread.
    public static let peerFinished = Readiness(rawValue: clinux_peer_finished)
    /// The connection is lost.
    public static let broken = Readiness(rawValue: clinux_broken)
}

/// Descriptors that are watched, each under a token chosen by the caller.
public struct Poller: ~Copyable, @unchecked Sendable {
    // Reason: whoever polls owns the reports until the next poll; the rest never changes.
    /// A descriptor that is ready.
    public struct Report: Sendable {
        public let token: UInt64
        public let readiness: Readiness
    }

    private let descriptor: Descriptor
    private let reports: UnsafeMutableBufferPointer<clinux_event>

    /// - Throws: what epoll_create1(2) refused.
    public init() throws(SystemError) {
        let result = clinux_epoll_create()
        guard result >= 0 else { throw .last("epoll_create1") }
        descriptor = Descriptor(takingOwnership: result)
        reports = .allocate(capacity: Int(clinux_event_batch_max))
    }

    deinit { reports.deallocate() }

    /// Readable while a watched descriptor has something to report.
    public var rawDescriptor: CInt { descriptor.rawValue }

    /// Reports each change to ready once: whoever gets a report goes on until the call would block.
    /// - Throws: what epoll_ctl(2) refused, in particular for lack of memory.
    public borrowing func addEdgeTriggered(
        _ watched: CInt, token: UInt64
    ) throws(SystemError) {
        let readiness =
            clinux_readable | clinux_writable | clinux_peer_finished | clinux_edge_triggered
        guard clinux_epoll_add(descriptor.rawValue, watched, readiness, token) == 0 else {
            throw .last("epoll_ctl")
        }
    }

    /// Reports again and again while there is something to read.
    /// - Throws: what epoll_ctl(2) refused, in particular for lack of memory.
    public borrowing func addReadable(_ watched: CInt, token: UInt64) throws(SystemError) {
        guard clinux_epoll_add(descriptor.rawValue, watched, clinux_readable, token) == 0 else {
            throw .last("epoll_ctl")
        }
    }

    /// Stops watching. A report already taken may still name the token.
    public borrowing func remove(_ watched: CInt) {
        let result = clinux_epoll_remove(descriptor.rawValue, watched)
        precondition(result == 0, "not watched: \(watched), errno \(errno)")
    }

    /// Takes the reports that are there, a batch at most, and returns their number.
    /// - Parameter waits: whether to wait until there are some. A signal may end that early.
    public borrowing func poll(waits: Bool = false) -> Int {
        let result = clinux_epoll_wait(
            descriptor.rawValue, reports.baseAddress, CInt(clamping: reports.count),
            waits ? 1 : 0)
        if result >= 0 { return Int(result) }
        precondition(errno == EINTR, "epoll_wait: errno \(errno)")
        return 0
    }

    /// One of the reports taken last.
    public borrowing func report(_ index: Int) -> Report {
        let event = reports[index]
        return Report(token: event.token, readiness: Readiness(rawValue: event.readiness))
    }
}
