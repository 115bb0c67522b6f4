// A descriptor with which any thread wakes one that waits.

import CLinux
import Glibc

/// Reports itself ready to a poller that watches it edge-triggered, each time it is rung. Nothing
/// needs to be read from it.
public struct WakeDescriptor: ~Copyable, Sendable {
    private let descriptor: Descriptor

    /// - Throws: what eventfd(2) refused.
    public init() throws(SystemError) {
        let result = clinux_event_create()
        guard result >= 0 else { throw .last("eventfd") }
        descriptor = Descriptor(takingOwnership: result)
    }

    public var rawDescriptor: CInt { descriptor.rawValue }

    /// Makes a poller that waits, or the next that will, return.
    public borrowing func ring() {
        var one: UInt64 = 1
        // Refused only when the counter is full, which takes 2^64 rings.
        _ = write(descriptor.rawValue, &one, MemoryLayout<UInt64>.size)
    }
}
