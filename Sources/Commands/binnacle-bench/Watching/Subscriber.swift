// One of a crowd.

import Buffers

/// A connection on which events arrive. Belongs to the crowd's thread.
protocol Subscriber: AnyObject {
    var socket: ClientSocket { get }
    /// What it has seen.
    var tally: EventTally { get set }
    /// Whether the server knows that it is there, as far as a client can tell.
    var isOpen: Bool { get }
    /// Sends the first request.
    func begin() throws
    /// Reads on, and calls `body` with each event.
    func read(
        _ input: UnsafeRawBufferPointer, _ body: (SeenEvent) throws(BenchFailure) -> Void
    ) throws
}

/// What a subscriber tells of an event.
struct SeenEvent {
    let revision: UInt64
    /// When the object's writer sent it, by its own account; nil when it does not say.
    let sentAt: Int64?
}
