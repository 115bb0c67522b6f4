// An open file descriptor with one owner.

import Glibc

/// An open descriptor, closed exactly once.
public struct Descriptor: ~Copyable, Sendable {
    public let rawValue: CInt

    /// - Precondition: `rawValue` is open, and nobody else closes it.
    public init(takingOwnership rawValue: CInt) {
        precondition(rawValue >= 0, "not a descriptor: \(rawValue)")
        self.rawValue = rawValue
    }

    deinit {
        let result = Glibc.close(rawValue)
        precondition(result == 0 || errno != EBADF, "closed twice: \(rawValue)")
    }
}
