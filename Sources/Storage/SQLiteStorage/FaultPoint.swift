/// Where a test may have the disk fail.
package enum FaultPoint: Hashable, Sendable {
    /// COMMIT fails before it does anything.
    case commit
    /// COMMIT does its work and then fails.
    case commitAnswer
    /// The write that follows a commit of unknown outcome fails.
    case recovery
}

/// Asked at each point whether it fails this time.
package typealias FaultInjection = @Sendable (FaultPoint) -> Bool
