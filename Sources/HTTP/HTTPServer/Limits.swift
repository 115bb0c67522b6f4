// Bounds of a server and of its connections.

import HTTPWire

/// Bounds of a server and of its connections.
public struct Limits: Sendable {
    /// Bounds of a request.
    public var message = MessageLimits()

    /// Open connections of one loop that are served. Two loops stay well below the 20,000
    /// descriptors that a process often may have.
    public var connectionCountPerLoopMax = 8192
    /// Connections of one loop beyond those, whose first request is answered with 429 and
    /// `Connection: close`, so that the client goes to another server; more are closed as they
    /// come.
    public var shedCountPerLoopMax = 256

    /// From the first byte of a head to its last one: what a bad mobile line needs, and no more.
    public var headTimeMax = Duration.seconds(10)
    /// Between two pieces of a body.
    public var bodyStallMax = Duration.seconds(10)
    /// Without a request: client-go's transport gives up at 90 s, too.
    public var idleTimeMax = Duration.seconds(90)
    /// An answer that is complete and of which the client takes nothing. A stream that goes on may
    /// stall for as long as its client's machine answers: it costs what was written at once, and
    /// what the kernel takes before that.
    public var sendStallMax = Duration.seconds(60)
    /// How long what a client still sends is dropped, so that it gets to read why it was refused.
    public var lingerTimeMax = Duration.seconds(2)
    public var lingerByteCountMax = 4 * 1024 * 1024
    /// How long a server that stops waits for the request that a client may have sent before it
    /// knew: a TLS handshake and a round trip.
    public var lastRequestTimeMax = Duration.seconds(1)

    public init() {}

    /// Answers up to this size are copied behind their head and sent in one call; copying costs
    /// less than a longer list of segments.
    static let copiedAnswerByteCountMax = 16 * 1024
    /// Room made for a body before it arrives, whatever the client announces.
    static let bodyReserveByteCountMax = 64 * 1024
    /// Reads and writes in a row before the other connections of the loop get their turn.
    static let readsPerTurnMax = 4
    static let writesPerTurnMax = 4
}

/// The time limits in the unit of the loops' clock: converting a `Duration` is slow.
struct TimeLimits {
    let head: Int64
    let bodyStall: Int64
    let idle: Int64
    let sendStall: Int64
    let linger: Int64
    let lastRequest: Int64

    init(_ limits: Limits) {
        head = Self.nanoseconds(limits.headTimeMax)
        bodyStall = Self.nanoseconds(limits.bodyStallMax)
        idle = Self.nanoseconds(limits.idleTimeMax)
        sendStall = Self.nanoseconds(limits.sendStallMax)
        linger = Self.nanoseconds(limits.lingerTimeMax)
        lastRequest = Self.nanoseconds(limits.lastRequestTimeMax)
    }

    private static func nanoseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
