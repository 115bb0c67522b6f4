// The connections to other servers, kept from one call to the next.

import APIModel
import Buffers
import Crypto
import EventLoops
import HTTPClient
import Synchronization

/// A client for each server that is called.
final class ServerPool: Sendable {
    /// What two calls must have in common to go over the same connections.
    private struct Peer: Hashable {
        let server: NamedServer
        /// The certificate that is shown.
        let shown: Bytes
    }

    private let loops: [EventLoop]
    private let limits: HTTPClient.Limits
    private let certificate: @Sendable () -> TLSCertificate?
    private let clients = Mutex<[Peer: Client]>([:])

    /// - Parameters:
    ///   - connectionCountMax: to one address; calls beyond that wait.
    ///   - certificate: by which servers know this one; asked for at each call.
    /// - Precondition: there is a loop.
    init(
        on loops: [EventLoop], connectionCountMax: Int,
        showing certificate: @escaping @Sendable () -> TLSCertificate? = { nil }
    ) {
        precondition(!loops.isEmpty, "no loop")
        self.loops = loops
        self.certificate = certificate
        var limits = HTTPClient.Limits()
        limits.connectionCountPerEndpointMax = connectionCountMax
        self.limits = limits
    }

    /// - Throws: when the server's authorities are none.
    func client(of server: NamedServer) throws(TLSSetupError) -> Client {
        let shown = certificate()
        let peer = Peer(server: server, shown: shown?.chain ?? .empty)
        if let known = clients.withLock({ $0[peer] }) { return known }
        var settings = TLSClientSettings(
            authorities: try server.trust.pem(), certificate: shown)
        settings.verifiesServer = !server.trust.isInsecure
        let context = try TLSContext(client: settings)
        let made = Client(
            server.endpoints, on: loops[Int(UInt(bitPattern: peer.hashValue) % UInt(loops.count))],
            security: Security(serverName: server.name) { context }, limits: limits)
        return clients.withLock { clients in
            if let known = clients[peer] { return known }
            // Those in use are kept by their calls.
            if clients.count >= Limits.serverCountMax { clients.removeAll() }
            clients[peer] = made
            return made
        }
    }
}

extension NamedServer.Trust {
    /// The authorities in PEM; `nil` for those of the system.
    fileprivate func pem() throws(TLSSetupError) -> Bytes? {
        guard !authorities.isEmpty else { return nil }
        guard let decoded = Base64.decode(authorities) else {
            throw TLSSetupError("it is no base64")
        }
        return Bytes(decoded)
    }
}
