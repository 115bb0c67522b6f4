// Bounds of a relay.

/// Bounds of a relay.
public struct Limits: Sendable {
    /// For connecting to one server, before the next one is tried.
    public var connectTimeMax = Duration.seconds(3)
    /// Between two questions whether a server is ready, and for an answer.
    public var checkInterval = Duration.seconds(2)
    public var checkTimeMax = Duration.seconds(2)
    /// After so many checks without any answer, a server is taken for dead, and the connections to
    /// it are ended: their clients go on elsewhere.
    public var missedCheckCountMax = 3
    /// Clients of one loop.
    public var connectionCountPerLoopMax = 4_096

    public init() {}

    /// Reads in a row before the other connections of the loop get their turn.
    static let readsPerTurnMax = 4
}
