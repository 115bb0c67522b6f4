// Bounds of a client, of its connections and of its waits.

import HTTPWire

/// Bounds of a client and of its connections.
public struct Limits: Sendable {
    /// Bounds of a response's head and framing. The body has bounds of its own.
    public var message: MessageLimits
    /// Connections to one endpoint, streams included: a stream keeps its connection to itself.
    public var connectionCountPerEndpointMax = 512
    /// Connections to one endpoint that are kept for later.
    public var idleCountPerEndpointMax = 16
    /// How long one is kept without a request: well below the 90 s after which a server closes it,
    /// so that a request seldom meets a connection that is being closed.
    public var idleTimeMax = Duration.seconds(60)
    /// Calls that wait for a connection because an endpoint has all it may have.
    public var waitingCallCountMax = 4096
    /// How often one call is sent at most, when it may be sent again.
    public var attemptCountMax = 6
    /// How long an endpoint rests after its first failure; twice as long after each further one.
    /// Each rest is shortened by up to a half, at random, so that clients do not return together.
    public var restTimeMin = Duration.milliseconds(250)
    public var restTimeMax = Duration.seconds(30)
    /// Bytes of a streamed body that wait for their reader before the socket is left alone; what
    /// one read gives may come on top.
    public var bufferedByteCountMax = 256 * 1024

    public init() {
        message = MessageLimits()
        message.bodyByteCountMax = .max
    }

    /// Reads and writes in a row before the other connections of the loop get their turn.
    static let readsPerTurnMax = 4
    static let writesPerTurnMax = 4
}

/// How long a call may wait, and for what.
public struct TimeLimits: Sendable {
    /// For a connection: looking up a name, connecting and encryption, at each endpoint.
    public var connect = Duration.seconds(5)
    /// From the start of sending to the head of the response.
    public var firstByte = Duration.seconds(30)
    /// Between two pieces of the body. Nil: for ever, which suits a stream that may be silent.
    public var idle: Duration? = .seconds(30)
    /// From the call to the end of the body, further attempts included. Nil: as long as it takes.
    public var whole: Duration? = .seconds(60)

    public init() {}

    /// For a stream that ends when its reader wants it to.
    public static func stream(idle: Duration?) -> TimeLimits {
        var limits = TimeLimits()
        limits.idle = idle
        limits.whole = nil
        return limits
    }
}
