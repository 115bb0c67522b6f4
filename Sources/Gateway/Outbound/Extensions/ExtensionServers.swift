// Calls to the servers of other groups: HTTP/1.1 over TLS.

import Buffers
import Crypto
import EventLoops
import HTTPClient
import HTTPWire
import JSON
import WatchCache

/// Reaches the servers that APIServices name, and keeps the connections to them.
public final class ExtensionServers: Sendable {
    private let services: ServiceLookup
    private let servers: ServerPool

    /// - Parameter certificate: by which servers know this one; asked for at each call.
    /// - Precondition: `cache` holds Services and EndpointSlices, and there is a loop.
    public init(
        _ cache: Cache, on loops: [EventLoop],
        showing certificate: @escaping @Sendable () -> TLSCertificate?
    ) {
        services = ServiceLookup(cache)
        servers = ServerPool(
            on: loops, connectionCountMax: Limits.extensionConnectionCountMax,
            showing: certificate)
    }

    /// A request to a server, as it is sent.
    public struct Outgoing: Sendable {
        let method: Method
        let target: String
        let fields: FieldLines
        let body: Bytes

        /// - Parameter target: path and query.
        public init(
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
    public func open(
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
            throw Unavailability(failedCheck: "\(error)")
        }
    }

    /// Reads a document.
    /// - Throws: why there is none, also when the server refuses it.
    public func document(
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
            failedCheck: "failing or missing response from \(api.service.root)\(path): \(problem)")
    }

    private func client(for api: ExtensionAPI) throws(Unavailability) -> Client {
        let endpoints: [Endpoint]
        do throws(ServiceFailure) {
            endpoints = try services.endpoints(of: api.service)
        } catch {
            throw Unavailability(error, of: api.service)
        }
        do throws(TLSSetupError) {
            return try servers.client(
                of: NamedServer(endpoints, name: api.service.host, trust: api.trust))
        } catch {
            throw Unavailability(
                failedCheck: "the caBundle of \(api.name) cannot be used: \(error)")
        }
    }
}
