// Calls to webhooks: JSON over TLS.

import APIModel
import Buffers
import Crypto
import EventLoops
import HTTPClient
import HTTPWire
import JSON
import Synchronization
import WatchCache

/// Asks webhooks, and keeps the connections to them.
public final class WebhookClient: Sendable {
    /// What a connection must have in common with another one to be used in its place.
    private struct Peer: Hashable {
        let endpoints: [Endpoint]
        let authorities: String
        let serverName: String?

        init(_ endpoints: [Endpoint], _ authorities: String, _ serverName: String?) {
            self.endpoints = endpoints
            self.authorities = authorities
            self.serverName = serverName
        }

        /// The authorities in PEM; `nil` for those of the system.
        func pem() throws(WebhookFailure) -> Bytes? {
            guard !authorities.isEmpty else { return nil }
            guard let decoded = Base64.decode(authorities) else {
                throw WebhookFailure("it is no base64")
            }
            return Bytes(decoded)
        }
    }

    private let services: ServiceLookup
    private let loops: [EventLoop]
    private let clients = Mutex<[Peer: Client]>([:])

    /// - Precondition: `cache` holds Services and EndpointSlices, and there is a loop.
    public init(_ cache: Cache, on loops: [EventLoop]) {
        precondition(!loops.isEmpty, "no loop")
        services = ServiceLookup(cache)
        self.loops = loops
    }

    /// Sends a review and returns its answer. Nothing is sent twice: who is asked may count.
    /// - Parameter seconds: from the call to the end of the answer.
    /// - Throws: `WebhookFailure` when there is no answer in time, or none with status 200 and a
    ///   JSON document.
    public func post(
        _ review: JSONValue, to address: WebhookAddress, within seconds: Int64
    ) async throws(WebhookFailure) -> JSONValue {
        let query = "?timeout=\(seconds)s"
        let (peer, path) = try locate(address, query)
        var fields = FieldLines()
        fields.add("Content-Type", literal: "application/json")
        fields.add("Accept", literal: "application/json")
        var request = Request(.post, path + query, fields: fields, body: review.bytes)
        request.times.whole = .seconds(seconds)
        request.times.connect = .seconds(seconds)
        request.times.firstByte = .seconds(seconds)
        request.responseByteCountMax = Limits.answerByteCountMax
        let response: Response
        do {
            response = try await client(of: peer, address, query).send(request)
        } catch let failure as CallFailure {
            throw WebhookFailure(failure, posting: address.url + query)
        } catch let failure as WebhookFailure {
            throw failure
        } catch {
            throw WebhookFailure("\(error)")
        }
        guard response.status.code == 200 else {
            throw WebhookFailure(
                "failed to call webhook: the webhook answered with status "
                    + "\(response.status.code), and must answer with 200")
        }
        do {
            return try JSONValue(parsing: response.body)
        } catch {
            throw WebhookFailure("failed to call webhook: the answer is no JSON document: \(error)")
        }
    }

    /// Whom to connect to, and the path there.
    private func locate(
        _ address: WebhookAddress, _ query: String
    ) throws(WebhookFailure) -> (Peer, String) {
        do throws(WebhookFailure) {
            switch address.place {
            case .url(let url):
                guard let endpoint = Endpoint(url), endpoint.isSecure else {
                    throw WebhookFailure("the URL is none that this server can call")
                }
                let root = Endpoint(isSecure: true, host: endpoint.host, port: endpoint.port)
                let path = Self.path(of: url)
                return (Peer([root], address.authorities, nil), path)
            case .service(let service):
                let endpoints = try services.endpoints(of: service)
                return (Peer(endpoints, address.authorities, service.host), service.path)
            }
        } catch {
            throw WebhookFailure(
                "failed to call webhook: Post \"\(address.url)\(query)\": \(error)")
        }
    }

    /// What follows the authority of a URL; a slash when nothing does.
    private static func path(of url: String) -> String {
        let rest = url.dropFirst("https://".count)
        guard let slash = rest.firstIndex(of: "/") else { return "/" }
        return String(rest[slash...])
    }

    private func client(
        of peer: Peer, _ address: WebhookAddress, _ query: String
    ) throws(WebhookFailure) -> Client {
        if let known = clients.withLock({ $0[peer] }) { return known }
        let context: TLSContext
        do {
            context = try TLSContext(client: TLSClientSettings(authorities: try peer.pem()))
        } catch {
            throw WebhookFailure(
                "failed to call webhook: Post \"\(address.url)\(query)\": the caBundle cannot be "
                    + "used: \(error)")
        }
        var limits = HTTPClient.Limits()
        limits.connectionCountPerEndpointMax = Limits.connectionCountMax
        let loop = loops[Int(UInt(bitPattern: peer.hashValue) % UInt(loops.count))]
        let made = Client(
            peer.endpoints, on: loop,
            security: Security(serverName: peer.serverName) { context }, limits: limits)
        return clients.withLock { clients in
            if let known = clients[peer] { return known }
            if clients.count >= Limits.clientCountMax { clients.removeAll() }
            clients[peer] = made
            return made
        }
    }
}
