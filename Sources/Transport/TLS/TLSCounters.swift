// What encrypted streams count.

import Synchronization

/// What a TLS server has done since it was made. The numbers are read one after the other: they
/// need not belong to the same moment.
public struct TLSCounts: Sendable, Equatable {
    /// Handshakes that ended well; `resumed` are among them.
    public var handshakes = 0
    public var resumed = 0
    /// Handshakes that broke the protocol, or whose peer went away.
    public var handshakesFailed = 0
    /// Handshakes that took too long.
    public var handshakesTimedOut = 0
    /// Clients that spoke plain HTTP.
    public var plainClients = 0
    /// Certificates of clients that are not believed.
    public var certificatesRefused = 0
    /// Records that were forged or broke the protocol, after the handshake.
    public var recordsRefused = 0
    /// Peers that went away without saying that nothing more comes.
    public var truncated = 0
    /// Handshakes that have begun or wait to begin.
    public var handshakesInProgress = 0

    public init() {}
}

/// The counters of a server. Any loop adds to them; handshakes are rare enough.
final class TLSCounters: Sendable {
    private let counts = Mutex(TLSCounts())

    var present: TLSCounts { counts.withLock { $0 } }

    func add(_ count: Int, to counter: WritableKeyPath<TLSCounts, Int>) {
        counts.withLock { $0[keyPath: counter] += count }
    }

    func increment(_ counter: WritableKeyPath<TLSCounts, Int>) { add(1, to: counter) }
}
