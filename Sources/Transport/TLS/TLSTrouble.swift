import Crypto

/// What may go wrong with an encrypted stream that a client has begun, for whoever keeps a log.
public enum TLSTrouble: Hashable, Sendable, CustomStringConvertible {
    /// The client broke the protocol, offered nothing that is spoken here, or refused us.
    case handshakeFailed(TLSFailure)
    /// The client went away before its handshake was done.
    case handshakeAbandoned
    case handshakeTimedOut
    case plainHTTP
    /// After the handshake came a record that its sender's key did not make.
    case recordRefused(TLSFailure)
    /// The connection ended in the middle of a record.
    case recordTruncated

    public var description: String {
        switch self {
        case .handshakeFailed(let failure): "the TLS handshake failed: \(failure)"
        case .handshakeAbandoned: "the client went away in the middle of its TLS handshake"
        case .handshakeTimedOut: "the TLS handshake took too long"
        case .plainHTTP: "plain HTTP came to the port for HTTPS"
        case .recordRefused(let failure): "a TLS record was refused: \(failure)"
        case .recordTruncated: "the connection ended in the middle of a TLS record"
        }
    }
}
