/// Bounds of encrypted streams.
public struct Limits: Sendable {
    /// From the connection to the end of the handshake, waiting included. kube-apiserver's clients
    /// give up after ten seconds, too.
    public var handshakeTimeMax = Duration.seconds(10)
    /// Handshakes of one loop that have begun; further ones wait, without memory of OpenSSL's.
    public var handshakesAtOnceMax = 256
    /// How long what a client sends in plain text is dropped, so that it gets to read the answer.
    public var lingerTimeMax = Duration.seconds(2)

    public init() {}

    /// Handshakes begun before other work of the loop gets its turn: a signature takes 50 µs with
    /// ECDSA, and a millisecond with RSA.
    static let handshakesPerTurnMax = 4
    /// Reads in a row that give no plaintext: what is more is no handshake any more.
    static let readsWithoutDataMax = 8
    /// Bytes of plaintext that one write of segments takes, or little more.
    static let bytesPerWriteMax = 1024 * 1024
    /// Ciphertext that waits for the socket: what one round makes, and what answers to messages of
    /// the protocol itself may add.
    static let unsentByteCountMax = 256 * 1024
    /// How often files are looked at, at most.
    static let fileCheckNanoseconds: Int64 = 1_000_000_000
}
