// Calls over TLS: whom a client believes, what it shows, and files that change.

import Buffers
import Crypto
import EventLoops
import Glibc
import HTTPClient
import HTTPServer
import HTTPTesting
import HTTPWire
import Synchronization
import SystemCalls
import TLS
import Testing

/// Says whose certificate came with a request.
private final class WhoHandler: RequestHandler {
    func handle(_ request: HTTPServer.Request, _ exchange: Exchange) {
        let who: String
        switch request.peerIdentity {
        case .anonymous: who = "anonymous"
        case .certificate(let certificate): who = certificate.commonName
        case .refused(let certificate, _): who = "refused \(certificate.commonName)"
        }
        exchange.respond(HTTPServer.Response(.ok, body: [Bytes(who)]))
    }

    func respond(to error: RequestError) -> HTTPServer.Response {
        HTTPServer.Response(error.status)
    }
}

@Suite(.timeLimit(.minutes(5))) final class EncryptionTests: Sendable {
    private let rig: Rig
    private let server: Server
    private let endpoint: Endpoint
    private let directory: String

    init() throws {
        rig = try Rig()
        let keys = TLSTicketKeys { monotonicNanoseconds() / 1_000_000_000 }
        let context = try TLSContext(
            server: TLSServerSettings(
                certificates: [TestPKI.server], clientAuthorities: TestPKI.authority,
                ticketKeys: keys))
        let tls = TLSServer(group: rig.group) { context }
        server = Server(group: rig.group, handler: WhoHandler())
        let address = try server.listen(
            on: .loopback(port: 0), name: "secure", layer: { tls.stream(over: $0, from: $1) })
        endpoint = Endpoint(isSecure: true, address)
        var template = Array("/tmp/binnacle-client-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { preconditionFailure("no directory") }
        directory = String(cString: made)
    }

    deinit {
        for name in ["ca.crt", "tls.crt", "tls.key"] { unlink("\(directory)/\(name)") }
        rmdir(directory)
    }

    private func write(_ bytes: Bytes, to name: String) {
        guard let file = fopen("\(directory)/\(name)", "w") else { preconditionFailure("no file") }
        _ = bytes.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
        fclose(file)
    }

    private func client(
        authorities: Bytes, name: String? = nil, to endpoint: Endpoint? = nil
    ) throws -> HTTPClient.Client {
        let context = try TLSContext(client: TLSClientSettings(authorities: authorities))
        return HTTPClient.Client(
            [endpoint ?? self.endpoint], on: rig.loop,
            security: Security(serverName: name) { context })
    }

    @Test func `a server is believed by its authority and its address`() async throws {
        let client = try client(authorities: TestPKI.authority)
        for _ in 0..<3 { #expect(try await client.send(Request(.get, "/")).body == "anonymous") }
        #expect(server.counters.connectionsAccepted == 1)
    }

    @Test func `a server of another authority, or of another name, gets no request`() async throws {
        let stranger = try client(authorities: TestPKI.otherAuthority)
        let unknown = try #require(await stranger.failure(of: Request(.post, "/")))
        #expect(unknown.execution == .notSent)
        #expect(unknown.description.contains("certificate verify failed"))
        let misnamed = try client(authorities: TestPKI.authority, name: "other.example")
        let wrong = try #require(await misnamed.failure(of: Request(.post, "/")))
        #expect(wrong.execution == .notSent && wrong.description.contains("TLS: "))
        let named = try client(authorities: TestPKI.authority, name: "localhost")
        #expect(try await named.send(Request(.get, "/")).body == "anonymous")
    }

    @Test func `without authorities nothing is sent`() async throws {
        let client = HTTPClient.Client([endpoint], on: rig.loop)
        let failure = try #require(await client.failure(of: Request(.get, "/")))
        #expect(failure.execution == .notSent)
        #expect(failure.description.contains("no authorities are set"))
    }

    @Test func `a plain server is no secure one`() async throws {
        let plain = try rig.server(answering: answer("x"))
        let secure = Endpoint(isSecure: true, plain.address)
        let client = try client(authorities: TestPKI.authority, to: secure)
        async let failure = client.failure(of: Request(.get, "/"))
        await rig.wait { plain.seen.withLock { $0.connectionCount } > 0 }
        // The server waits for an empty line that never comes.
        while plain.seen.withLock({ $0.openCount }) > 0 { await rig.advance(seconds: 6) }
        #expect(await failure?.execution == .notSent)
    }

    @Test func `new files are shown to the server without a restart`() async throws {
        write(TestPKI.authority, to: "ca.crt")
        write(TestPKI.client.chain, to: "tls.crt")
        write(TestPKI.client.key, to: "tls.key")
        let files = try ClientFiles(
            authorities: "\(directory)/ca.crt",
            certificate: CertificateFiles.Pair(
                certificate: "\(directory)/tls.crt", key: "\(directory)/tls.key"),
            clock: rig.clock)
        let client = HTTPClient.Client(
            [endpoint], on: rig.loop, security: Security { files.context() })
        #expect(try await client.send(Request(.get, "/")).body == "jane")
        write(TestPKI.expired.chain, to: "tls.crt")
        await rig.advance(seconds: 2)
        #expect(try await client.send(Request(.get, "/")).body == "refused late")
        // Files that cannot be used change nothing.
        write("-----BEGIN CERTIFICATE-----\nbroken", to: "tls.crt")
        await rig.advance(seconds: 2)
        #expect(try await client.send(Request(.get, "/")).body == "refused late")
        #expect(server.counters.connectionsAccepted == 2)
    }
}
