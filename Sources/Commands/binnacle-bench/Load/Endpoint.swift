// Where a server listens, and how it is spoken to.

import Crypto
import SystemCalls

/// An address of a server, and what encrypts the connections to it.
struct Endpoint: Sendable, CustomStringConvertible {
    let address: SocketAddress
    /// nil: plain.
    var security: TLSContext?

    init(_ address: SocketAddress, security: TLSContext? = nil) {
        self.address = address
        self.security = security
    }

    /// What clients write behind `Host:`.
    var description: String { address.description }

    /// Under which name its certificate must be good.
    static let host = "127.0.0.1"
}
