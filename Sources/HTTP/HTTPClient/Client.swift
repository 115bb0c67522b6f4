// An HTTP/1.1 client of one service that several endpoints give.

import Buffers
import Crypto
import EventLoops
import HTTPWire

/// What a client encrypts with, and whom it talks to.
public struct Security: Sendable {
    /// What a new connection is made from; asked for each one, on a loop, and must not wait. The
    /// same object as long as nothing has changed: connections made from another one are not used
    /// for further calls.
    public let context: @Sendable () throws(TLSSetupError) -> TLSContext
    /// The name that a server's certificate must be good for. Nil: the endpoint's host.
    public let serverName: String?

    public init(
        serverName: String? = nil,
        context: @escaping @Sendable () throws(TLSSetupError) -> TLSContext
    ) {
        self.context = context
        self.serverName = serverName
    }
}

/// A client of one service (RFC 9110, RFC 9112), given by one endpoint or several that are equally
/// good. The nearest one that works is kept; one that fails rests, and a call that was surely not
/// executed, or may be repeated, goes to the next one.
///
/// All connections are on one loop. When nobody holds the client any more, calls in progress go on
/// and everything else is closed.
public final class Client: Sendable {
    private let switchboard: Switchboard

    /// - Parameter security: needed when an endpoint is secure.
    /// - Precondition: there is at least one endpoint.
    public init(
        _ endpoints: [Endpoint], on loop: EventLoop, security: Security? = nil,
        limits: Limits = Limits()
    ) {
        precondition(!endpoints.isEmpty, "no endpoint")
        switchboard = Switchboard(endpoints, on: loop, limits, security)
    }

    deinit {
        let switchboard = switchboard
        switchboard.loop.execute { switchboard.retire() }
    }

    public var endpoints: [Endpoint] { switchboard.endpoints }

    /// Sends a request and returns its response as soon as the head has come. The body is read
    /// from the response.
    /// - Throws: `CallFailure`. A status that tells of an error is not one.
    public func open(_ request: Request) async throws(CallFailure) -> IncomingResponse {
        let call = Call(request, switchboard)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                switchboard.loop.execute {
                    call.start { continuation.resume(returning: $0) }
                }
            }
        } onCancel: {
            call.cancel()
        }
        return try result.get()
    }

    /// Sends a request and returns its whole response. One that may be repeated is repeated when
    /// the response breaks off.
    /// - Throws: `CallFailure`. A status that tells of an error is not one.
    public func send(_ request: Request) async throws(CallFailure) -> Response {
        do {
            return try await sendOnce(request)
        } catch {
            guard request.isRepeatable, error.cause == .lost else { throw error }
            return try await sendOnce(request)
        }
    }

    private func sendOnce(_ request: Request) async throws(CallFailure) -> Response {
        let response = try await open(request)
        let body = try await response.collect(request.responseByteCountMax)
        return Response(head: response.head, body: body, endpoint: response.endpoint)
    }

    /// Lets an endpoint rest that answers, but not well: a caller knows more about a service.
    public func setAside(_ endpoint: Endpoint) {
        let switchboard = switchboard
        switchboard.loop.execute {
            if let index = switchboard.endpoints.firstIndex(of: endpoint) {
                switchboard.setAside(index)
            }
        }
    }

    /// Ends all calls with `.closed`, and closes all connections. Later calls fail at once.
    public func close() {
        let switchboard = switchboard
        switchboard.loop.execute { switchboard.close() }
    }
}
