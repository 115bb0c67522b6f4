// Passes requests on to the servers of other groups, and their answers back.

import APIModel
import Access
import Buffers
import EventLoops
import HTTPServer
import HTTPWire
import Outbound

/// One request to another server, in the name of whoever sent it.
struct Forwarding: Sendable {
    let servers: ExtensionServers
    let api: ExtensionAPI

    /// Answers `exchange` with what the server answers; 503 when it does not.
    /// - Throws: 400 when the server could not be told who asks.
    func run(
        _ request: Request, by user: User, _ exchange: Exchange
    ) throws(APIStatus) {
        guard request.head.method != .other else { throw .methodNotAllowed }
        let outgoing = ExtensionServers.Outgoing(
            request.head.method, request.head.target.description,
            try ForwardedFields(request, user).lines, body: request.body)
        let isHead = request.head.method == .head
        let isSafe = request.head.method.isSafe
        let (servers, api) = (servers, api)
        let task = Task(executorPreference: exchange.loop) {
            do throws(Unavailability) {
                let answer = try await servers.open(outgoing, at: api)
                await Self.relay(answer, exchange, isHead: isHead)
            } catch {
                let status = APIStatus.serviceUnavailable(
                    "\(api.groupVersion) is served by another server, which does not answer: "
                        + error.message)
                exchange.respond(Answer(status).response)
            }
        }
        if isSafe { exchange.onClose = { task.cancel() } }
    }

    private static func relay(
        _ answer: ExtensionAnswer, _ exchange: Exchange, isHead: Bool
    ) async {
        let status = HTTPStatus(answer.status)
        let fields = ForwardedFields.response(answer.headers)
        guard !isHead, !status.forbidsBody, answer.bodyByteCount != 0 else {
            return exchange.respond(Response(status, fields, body: []))
        }
        let stream = exchange.beginStream(ResponseHead(status, fields))
        let room = StreamRoom(stream, whenClosed: { answer.cancel() })
        // A body that breaks off ends here, too: nothing more can be said then.
        while let piece = try? await answer.next() {
            if piece.isEmpty { continue }
            guard await room.write(ChunkFraming.frame(piece)) else { return }
        }
        room.end()
    }
}

/// Writes to a stream, and waits while its client takes nothing more.
private final class StreamRoom: @unchecked Sendable {
    // Reason: used on its connection's loop only.
    private let stream: ResponseStream
    private var waiter: CheckedContinuation<Void, Never>?
    private var isClosed = false

    init(_ stream: ResponseStream, whenClosed: @escaping () -> Void) {
        self.stream = stream
        stream.onWritable = { [weak self] in self?.wake() }
        stream.onClose = { [self] in
            isClosed = true
            whenClosed()
            wake()
        }
    }

    private func wake() {
        let waiter = waiter
        self.waiter = nil
        waiter?.resume()
    }

    /// - Returns: false when the client is gone.
    func write(_ frame: Bytes) async -> Bool {
        switch stream.write(frame) {
        case .ready: return true
        case .closed: return false
        case .full:
            await withCheckedContinuation { waiter = $0 }
            return !isClosed
        }
    }

    func end() { if !isClosed { stream.end() } }
}
