// Whoever a request is answered for.

import Crypto

/// Whoever a request is answered for, as authentication and impersonation have found out.
public final class Requester: Sendable {
    public let user: User
    /// Whose credentials were shown, when they are not the user's own.
    public let impersonator: User?
    /// From then on the credentials count no more; `nil` when they do not end by themselves.
    public let until: WallTime?
    /// Whether the user may do everything.
    public let isPrivileged: Bool

    public init(_ user: User, until: WallTime? = nil, impersonator: User? = nil) {
        self.user = user
        self.until = until
        self.impersonator = impersonator
        isPrivileged = user.isPrivileged
    }

    /// Whoever comes through the plain listener on loopback.
    public static let loopback = Requester(.loopback)
    public static let anonymous = Requester(.anonymous)

    /// Whether the credentials still count.
    public func counts(at now: WallTime) -> Bool { until.map { now <= $0 } ?? true }

    /// For how long the credentials still count; `nil` when they do not end by themselves.
    public func remaining(at now: WallTime) -> Duration? {
        until.map { max($0.since(now), .zero) }
    }
}
