// Calls to webhooks: JSON over TLS.

import Buffers
import Crypto
import EventLoops
import HTTPClient
import HTTPWire
import JSON
import WatchCache

/// Asks webhooks, and keeps the connections to them.
public final class WebhookClient: Sendable {
    private let services: ServiceLookup
    private let servers: ServerPool

    /// - Precondition: `cache` holds Services and EndpointSlices, and there is a loop.
    public init(_ cache: Cache, on loops: [EventLoop]) {
        services = ServiceLookup(cache)
        servers = ServerPool(on: loops, connectionCountMax: Limits.webhookConnectionCountMax)
    }

    /// A review on its way to a webhook.
    struct Letter: Sendable {
        let body: Bytes
        /// From the call to the end of the answer.
        let seconds: Int64
        let answerByteCountMax: Int
    }

    /// Sends an AdmissionReview and returns its answer. Nothing is sent twice: who is asked may
    /// count.
    /// - Parameter seconds: from the call to the end of the answer.
    /// - Throws: `WebhookFailure` when there is no answer in time, or none with status 200 and a
    ///   JSON document.
    public func post(
        _ review: JSONValue, to address: WebhookAddress, within seconds: Int64
    ) async throws(WebhookFailure) -> JSONValue {
        try await send(
            Letter(
                body: review.bytes, seconds: seconds,
                answerByteCountMax: Limits.reviewByteCountMax),
            to: address)
    }

    /// Sends a review, once, and returns its answer.
    /// - Throws: as `post`.
    func send(
        _ letter: Letter, to address: WebhookAddress
    ) async throws(WebhookFailure) -> JSONValue {
        let query = "?timeout=\(letter.seconds)s"
        let url = address.url + query
        let (server, path) = try locate(address, url)
        var fields = FieldLines()
        fields.add("Content-Type", literal: "application/json")
        fields.add("Accept", literal: "application/json")
        var request = Request(.post, path + query, fields: fields, body: letter.body)
        request.times.whole = .seconds(letter.seconds)
        request.times.connect = .seconds(letter.seconds)
        request.times.firstByte = .seconds(letter.seconds)
        request.responseByteCountMax = letter.answerByteCountMax
        let client = try client(of: server, url)
        let response: Response
        do throws(CallFailure) {
            response = try await client.send(request)
        } catch {
            throw WebhookFailure(posting: url, error)
        }
        guard response.status.code == 200 else {
            throw WebhookFailure(
                "the webhook answered with status \(response.status.code), and must answer with "
                    + "200")
        }
        do {
            return try JSONValue(parsing: response.body)
        } catch {
            throw WebhookFailure("the answer is no JSON document: \(error)")
        }
    }

    /// Whom to connect to, and the path there.
    private func locate(
        _ address: WebhookAddress, _ fullURL: String
    ) throws(WebhookFailure) -> (NamedServer, String) {
        switch address.place {
        case .url(let url):
            guard let endpoint = Endpoint(url), endpoint.isSecure else {
                throw WebhookFailure(
                    posting: fullURL, "the URL is none that this server can call")
            }
            let root = Endpoint(isSecure: true, host: endpoint.host, port: endpoint.port)
            return (NamedServer([root], name: nil, trust: address.trust), Self.path(of: url))
        case .service(let service, let path):
            do throws(ServiceFailure) {
                let endpoints = try services.endpoints(of: service)
                return (NamedServer(endpoints, name: service.host, trust: address.trust), path)
            } catch {
                throw WebhookFailure(posting: fullURL, error, of: service)
            }
        }
    }

    /// What follows the authority of a URL; a slash when nothing does.
    private static func path(of url: String) -> String {
        let rest = url.dropFirst("https://".count)
        guard let slash = rest.firstIndex(of: "/") else { return "/" }
        return String(rest[slash...])
    }

    private func client(
        of server: NamedServer, _ url: String
    ) throws(WebhookFailure) -> Client {
        do throws(TLSSetupError) {
            return try servers.client(of: server)
        } catch {
            throw WebhookFailure(posting: url, "the caBundle cannot be used: \(error)")
        }
    }
}
