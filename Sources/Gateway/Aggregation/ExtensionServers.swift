// Calls to the servers of other groups: HTTP/1.1 over TLS.

import APIModel
import Buffers
import Crypto
import EventLoops
import HTTPClient
import HTTPWire
import JSON
import Synchronization
import WatchCache

/// Reaches the servers that APIServices name, and keeps the connections to them.
package final class ExtensionServers: Sendable {
    /// What two calls must have in common to go over the same connections.
    private struct Peer: Hashable {
        let endpoints: [Endpoint]
        let authorities: String
        let isInsecure: Bool
        let serverName: String
        /// The certificate that is shown.
        let shown: Bytes
    }

    private let addresses: ServiceAddresses
    private let loops: [EventLoop]
    private let certificate: @Sendable () -> TLSCertificate?
    private let clients = Mutex<[Peer: Client]>([:])

    /// - Parameter certificate: by which servers know this one; asked for at each call.
    /// - Precondition: `cache` holds Services and EndpointSlices, and there is a loop.
    package init(
        _ cache: Cache, on loops: [EventLoop],
        showing certificate: @escaping @Sendable () -> TLSCertificate?
    ) {
        precondition(!loops.isEmpty, "no loop")
        addresses = ServiceAddresses(cache)
        self.loops = loops
        self.certificate = certificate
    }

    /// A request to a server, as it is sent.
    package struct Outgoing: Sendable {
        let method: Method
        let target: String
        let fields: FieldLines
        let body: Bytes

        /// - Parameter target: path and query.
        package init(
            _ method: Method, _ target: String, _ fields: FieldLines = FieldLines(),
            body: Bytes = .empty
        ) {
            self.method = method
            self.target = target
            self.fields = fields
            self.body = body
        }
    }

    /// Sends a request. The answer's body may go on for as long as the server likes.
    /// - Throws: why there is no answer.
    package func open(
        _ outgoing: Outgoing, at api: ExtensionAPI
    ) async throws(Unavailability) -> ExtensionAnswer {
        var request = HTTPClient.Request(
            outgoing.method, outgoing.target, fields: outgoing.fields, body: outgoing.body)
        request.times = .stream(idle: nil)
        request.times.connect = Limits.connectWait
        request.times.firstByte = Limits.answerWait
        let client = try client(for: api)
        do throws(CallFailure) {
            return ExtensionAnswer(try await client.open(request))
        } catch {
            throw Unavailability("FailedDiscoveryCheck", "\(error)")
        }
    }

    /// Reads a document.
    /// - Throws: why there is none, also when the server refuses it.
    package func document(
        _ path: String, of api: ExtensionAPI
    ) async throws(Unavailability) -> JSONValue {
        var fields = FieldLines()
        fields.add("Accept", literal: "application/json")
        // Discovery is for everybody who is known.
        fields.add("X-Remote-User", literal: "system:kube-aggregator")
        fields.add("X-Remote-Group", literal: "system:masters")
        let answer = try await open(Outgoing(.get, path, fields), at: api)
        let problem: String
        do throws(CallFailure) {
            let body = try await answer.response.collect(Limits.documentByteCountMax)
            if answer.status == 200, let document = try? JSONValue(parsing: body) {
                return document
            }
            problem = "bad status: \(answer.status)"
        } catch {
            problem = "\(error)"
        }
        throw Unavailability(
            "FailedDiscoveryCheck",
            "failing or missing response from https://\(api.service.host):\(api.service.port)"
                + "\(path): \(problem)")
    }

    private func client(for api: ExtensionAPI) throws(Unavailability) -> Client {
        let shown = certificate()
        let peer = Peer(
            endpoints: try addresses.endpoints(of: api.service), authorities: api.authorities,
            isInsecure: api.isInsecure, serverName: api.service.host,
            shown: shown?.chain ?? .empty)
        if let known = clients.withLock({ $0[peer] }) { return known }
        var settings = TLSClientSettings(
            authorities: try Self.pem(api.authorities), certificate: shown)
        settings.verifiesServer = !api.isInsecure
        let context: TLSContext
        do throws(TLSSetupError) {
            context = try TLSContext(client: settings)
        } catch {
            throw Unavailability(
                "FailedDiscoveryCheck", "the caBundle of \(api.name) cannot be used: \(error)")
        }
        let loop = loops[Int(UInt(bitPattern: peer.hashValue) % UInt(loops.count))]
        let made = Client(
            peer.endpoints, on: loop,
            security: Security(serverName: peer.serverName) { context })
        return clients.withLock { clients in
            if let known = clients[peer] { return known }
            // Those in use are kept by their calls.
            if clients.count >= Limits.clientCountMax { clients.removeAll() }
            clients[peer] = made
            return made
        }
    }

    private static func pem(_ authorities: String) throws(Unavailability) -> Bytes? {
        guard !authorities.isEmpty else { return nil }
        guard let decoded = Base64.decode(authorities) else {
            throw Unavailability("FailedDiscoveryCheck", "it is no base64")
        }
        return Bytes(decoded)
    }
}

/// What a server answers; its body is read piece by piece, by one task.
package struct ExtensionAnswer: Sendable {
    let response: IncomingResponse

    init(_ response: IncomingResponse) { self.response = response }

    package var status: Int { response.status.code }
    package var headers: HeaderFields { response.headers }
    /// The length of the body, when the server tells it.
    package var bodyByteCount: Int? { response.head.bodyByteCount }

    /// The next piece of the body; `nil` at its end.
    /// - Throws: when the body breaks off.
    package func next() async throws(Unavailability) -> Bytes? {
        do throws(CallFailure) { return try await response.next() } catch {
            throw Unavailability("FailedDiscoveryCheck", "\(error)")
        }
    }

    /// Lets go of what has not been read.
    package func cancel() { response.cancel() }
}
