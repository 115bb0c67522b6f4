// The verbs of the API.

import APIModel
import Buffers
import EventLoops
import HTTPClient
import HTTPWire
import JSON

/// A client of the API. Values are JSON; refusals are `APIStatus`.
///
/// It knows several servers: the nearest one that works is used, and one that fails rests. A
/// request goes to another server when it was surely not executed or only reads.
public final class API: Sendable {
    public let namespace: String
    public let servers: [Endpoint]
    let limits: Limits
    private let client: Client
    private let token: TokenSource

    public init(_ configuration: Configuration, on loop: EventLoop, limits: Limits = Limits()) {
        namespace = configuration.namespace
        servers = configuration.servers
        self.limits = limits
        client = Client(
            configuration.servers, on: loop, security: configuration.security,
            limits: limits.connections)
        token = TokenSource(configuration.token)
    }

    /// One object.
    public func get(_ resource: Resource, _ name: String) async throws(APIFailure) -> JSONValue {
        try await value(.get, resource.path(of: name))
    }

    /// One page of a list.
    /// - Parameter query: further items, such as `limit` and `continue`.
    public func listPage(
        _ resource: Resource, _ selection: Selection = Selection(), query: [(String, String)] = []
    ) async throws(APIFailure) -> ObjectPage {
        let items = selection.query + query
        let answer = try await value(.get, resource.path + PercentEncoding.query(items))
        return try ObjectPage(answer)
    }

    /// All objects, page by page, at one revision.
    /// - Throws: `.refused` with 410 when the list takes so long that the server forgets the
    ///   revision at which it began.
    public func list(
        _ resource: Resource, _ selection: Selection = Selection()
    ) async throws(APIFailure) -> ObjectPage {
        var query = [("limit", String(limits.pageObjectCount))]
        var whole = try await listPage(resource, selection, query: query)
        while !whole.continueToken.isEmpty {
            query = [("limit", query[0].1), ("continue", whole.continueToken)]
            let page = try await listPage(resource, selection, query: query)
            whole.objects += page.objects
            whole.continueToken = page.continueToken
        }
        return whole
    }

    /// Makes an object; its answer is what was stored.
    @discardableResult
    public func create(
        _ resource: Resource, _ object: JSONValue
    ) async throws(APIFailure) -> JSONValue {
        try await value(.post, resource.path, body: object)
    }

    /// Replaces an object, or a part of it such as `status`. With a resourceVersion in it, only
    /// that version is replaced: 409 else.
    @discardableResult
    public func update(
        _ resource: Resource, _ object: JSONValue, _ subresource: String? = nil
    ) async throws(APIFailure) -> JSONValue {
        let name = ObjectMeta(of: object).name
        return try await value(.put, resource.path(of: name, subresource), body: object)
    }

    /// How a patch is to be read.
    public enum PatchKind: String, Sendable {
        case merge = "application/merge-patch+json"
        case strategicMerge = "application/strategic-merge-patch+json"
        case json = "application/json-patch+json"
    }

    /// Changes parts of an object.
    @discardableResult
    public func patch(
        _ resource: Resource, _ name: String, _ kind: PatchKind, _ patch: JSONValue
    ) async throws(APIFailure) -> JSONValue {
        try await value(.patch, resource.path(of: name), body: patch, as: kind.rawValue)
    }

    /// Deletes an object.
    /// - Parameter options: a `DeleteOptions`; nil for the defaults.
    /// - Returns: the object as it was or is, or a `Status`.
    @discardableResult
    public func delete(
        _ resource: Resource, _ name: String, options: JSONValue? = nil
    ) async throws(APIFailure) -> JSONValue {
        try await value(.delete, resource.path(of: name), body: options)
    }

    /// Every matching event after `revision`, as soon as there is one; none when `time` is up. This
    /// is Binnacle's long-poll; other servers give a list instead, which is refused.
    public func poll(
        _ resource: Resource, _ selection: Selection = Selection(), after revision: String,
        within time: Duration
    ) async throws(APIFailure) -> (events: [WatchEvent], revision: String) {
        let seconds = max(1, time.components.seconds)
        let items =
            selection.query + [
                ("poll", "true"), ("resourceVersion", revision), ("timeoutSeconds", "\(seconds)"),
            ]
        var times = TimeLimits()
        times.firstByte = .seconds(seconds + 10)
        times.whole = .seconds(seconds + 40)
        let answer = try await value(
            .get, resource.path + PercentEncoding.query(items), times: times)
        guard answer["kind"]?.string == "WatchEventList" else {
            throw .malformed("this server knows no long-poll")
        }
        var events: [WatchEvent] = []
        for item in answer["items"]?.array ?? [] { events.append(try WatchEvent(item)) }
        return (events, answer[path: "metadata", "resourceVersion"]?.string ?? revision)
    }

    // MARK: Requests

    private func value(
        _ method: Method, _ target: String, body: JSONValue? = nil,
        as type: String = "application/json", times: TimeLimits = TimeLimits()
    ) async throws(APIFailure) -> JSONValue {
        var request = self.request(method, target, body: body, as: type)
        request.times = times
        var patience = Patience(limits)
        while true {
            let response: Response
            do {
                response = try await client.send(request)
            } catch {
                throw .unreachable(error)
            }
            let retryAfter = response.headers.first("retry-after").flatMap { Int(String($0)) }
            if let wait = patience.wait(
                after: response.status, retryAfter: retryAfter,
                isRepeatable: request.isRepeatable)
            {
                if response.status == .serviceUnavailable { client.setAside(response.endpoint) }
                try await pause(wait)
                continue
            }
            return try Self.read(response.status, response.body)
        }
    }

    /// Opens a stream; a refusal is thrown.
    func stream(_ target: String) async throws(APIFailure) -> IncomingResponse {
        var request = request(.get, target, body: nil, as: "")
        request.times = .stream(idle: limits.watchSilenceMax)
        let response: IncomingResponse
        do {
            response = try await client.open(request)
            if response.status == .ok { return response }
            if response.status == .serviceUnavailable { client.setAside(response.endpoint) }
            let body = try await response.collect(limits.eventByteCountMax)
            _ = try Self.read(response.status, body)
        } catch let failure as CallFailure {
            throw .unreachable(failure)
        } catch let failure as APIFailure {
            throw failure
        } catch {
            throw .malformed("\(error)")
        }
        throw .malformed("status \(response.status.code) for a watch")
    }

    /// Lets the server that gave a bad stream rest.
    func setAside(_ endpoint: Endpoint) { client.setAside(endpoint) }

    private func request(
        _ method: Method, _ target: String, body: JSONValue?, as type: String
    ) -> Request {
        var fields = FieldLines()
        fields.add("Accept", literal: "application/json")
        fields.add("User-Agent", literal: "binnacle-client")
        if let token = token.present { fields.add("Authorization", "Bearer \(token)") }
        if body != nil { fields.add("Content-Type", type) }
        var request = Request(method, target, fields: fields, body: body?.bytes ?? .empty)
        request.responseByteCountMax = limits.answerByteCountMax
        return request
    }

    private static func read(_ status: HTTPStatus, _ body: Bytes) throws(APIFailure) -> JSONValue {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: body)
        } catch {
            guard status.code < 300 else {
                throw .refused(APIStatus(code: status.code, reason: nil, message: String(body)))
            }
            throw .malformed("\(error)")
        }
        guard status.code >= 300 else { return value }
        var refusal =
            APIStatus(value) ?? APIStatus(code: status.code, reason: nil, message: "\(value)")
        refusal.code = status.code
        throw .refused(refusal)
    }

    /// Waits, unless the task is cancelled.
    func pause(_ time: Duration) async throws(APIFailure) {
        do {
            try await Task.sleep(for: time)
        } catch {
            throw .unreachable(CallFailure(.cancelled, .notSent))
        }
    }
}

/// Objects of a list, with the revision at which they were.
public struct ObjectPage: Sendable {
    public var objects: [JSONValue]
    public let revision: String
    /// Empty on the last page.
    public var continueToken: String

    init(_ list: JSONValue) throws(APIFailure) {
        guard let items = list["items"]?.array,
            let revision = list[path: "metadata", "resourceVersion"]?.string
        else { throw .malformed("no list") }
        objects = items
        self.revision = revision
        continueToken = list[path: "metadata", "continue"]?.string ?? ""
    }
}
