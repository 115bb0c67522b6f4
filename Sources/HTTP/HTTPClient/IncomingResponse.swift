// A response whose body is read piece by piece.

import Buffers
import HTTPWire

/// A response whose body is still coming. It has one reader. When nobody holds it any more, the
/// rest of the body is not fetched.
public final class IncomingResponse: Sendable {
    public let head: IncomingHead
    /// Who gives it.
    public let endpoint: Endpoint
    private let body: BodyQueue
    private let call: Call

    init(_ head: IncomingHead, from endpoint: Endpoint, _ body: BodyQueue, _ call: Call) {
        self.head = head
        self.endpoint = endpoint
        self.body = body
        self.call = call
    }

    deinit { call.cancel() }

    public var status: HTTPStatus { head.status }
    public var headers: HeaderFields { head.headers }

    /// The next piece of the body, as large as it came; nil at its end. While it is not asked for,
    /// only `Limits.bufferedByteCountMax` bytes are fetched.
    /// - Throws: `CallFailure` when the body ends before its end, or the task is cancelled.
    /// - Precondition: called by one task at a time.
    public func next() async throws(CallFailure) -> Bytes? {
        var taken = body.take()
        if taken == nil {
            taken = await withTaskCancellationHandler {
                await body.next()
            } onCancel: {
                cancel()
            }
        }
        switch taken {
        case .piece(let piece, let madeRoom):
            if madeRoom { call.resume() }
            return piece
        case .failed(let failure): throw failure
        case .end, nil: return nil
        }
    }

    /// All of the rest.
    /// - Throws: `CallFailure`: `.tooLarge` when it has more than `byteCountMax` bytes.
    public func collect(_ byteCountMax: Int) async throws(CallFailure) -> Bytes {
        let tooLarge = CallFailure(
            .tooLarge(byteCountMax: byteCountMax), .uncertain, at: endpoint)
        if let announced = head.bodyByteCount, announced > byteCountMax { throw tooLarge }
        guard var first = try await next() else { return .empty }
        // Most bodies come in one piece.
        var following = try await next()
        if following == nil {
            guard first.count <= byteCountMax else { throw tooLarge }
            return first
        }
        var joined = ByteBuffer(reserving: min(head.bodyByteCount ?? 0, 1 << 20) + first.count)
        joined.append(first)
        first = .empty
        while let piece = following {
            guard joined.count + piece.count <= byteCountMax else { throw tooLarge }
            joined.append(piece)
            following = try await next()
        }
        return joined.freeze()
    }

    /// Ends the connection, unless the body is complete. A reader that waits gets `.cancelled`.
    public func cancel() { call.cancel() }
}
