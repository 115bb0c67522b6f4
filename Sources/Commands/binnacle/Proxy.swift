// `binnacle proxy`: several servers behind one address of this machine.

import ArgumentParser
import EventLoops
import Glibc
import HTTPClient
import Relay
import SystemCalls
import TLS

struct Proxy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Pass connections on to whichever of several servers is well.",
        discussion: """
            For clients whose kubeconfig knows one server, such as kubectl and the kubelet. Bytes \
            pass through as they are: encryption ends at the server, which sees the client's own \
            certificate or token. The kubeconfig names this address as `server`, and a name of the \
            servers' certificates as `tls-server-name` unless they are good for the address. When \
            a server dies, its connections end, and clients go on at another one.

            Prints one line that begins with `ready` when it passes connections on.
            """)

    @Option(
        help: """
            The servers, separated by commas, such as https://a:6443,https://b:6443. All must be \
            over one store.
            """)
    var servers: ServerList

    @Option(help: "Take connections here: a loopback address and a port; port 0 chooses one.")
    var listen: SocketAddress = .loopback(port: 6444)

    @Option(
        help: """
            Certificates of the servers' authorities, in PEM. With it, servers are asked for \
            /readyz every two seconds; without it, one with https is tried when a client connects.
            """)
    var certificateAuthority: String?

    @Option(help: "The name in the servers' certificates, when it is not the one connected to.")
    var tlsServerName: String?

    func validate() throws {
        guard listen.isLoopback else {
            throw ValidationError("--listen \(listen): only a loopback address of this machine")
        }
        guard Set(servers.endpoints.map(\.isSecure)).count == 1 else {
            throw ValidationError("--servers: either all with https or none")
        }
    }

    func run() async throws {
        let signals = TerminationSignals()
        let relay: RelayServer
        let address: SocketAddress
        let group: EventLoopGroup
        do {
            group = try EventLoopGroup(count: 1)
            relay = RelayServer(servers.endpoints, group: group, security: try security())
            address = try relay.listen(on: listen)
        } catch {
            throw StartFailure(description: "binnacle: \(error)")
        }
        let checks = Task { await relay.check() }
        print("ready proxy=\(servers.endpoints[0].isSecure ? "https" : "http")://\(address)")
        fflush(nil)
        await signals.first()
        checks.cancel()
        group.shutDown()
    }

    private func security() throws -> Security? {
        guard let certificateAuthority else { return nil }
        let files = try ClientFiles(authorities: certificateAuthority)
        return Security(serverName: tlsServerName) { files.context() }
    }
}

/// `URL,URL,…`
struct ServerList: ExpressibleByArgument {
    let endpoints: [Endpoint]

    init?(argument: String) {
        let endpoints = argument.split(separator: ",").map { Endpoint(String($0)) }
        guard !endpoints.isEmpty, !endpoints.contains(nil) else { return nil }
        self.endpoints = endpoints.compactMap { $0 }
    }
}
