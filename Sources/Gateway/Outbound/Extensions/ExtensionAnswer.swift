import Buffers
import HTTPClient
import HTTPWire

/// What a server answers; its body is read piece by piece, by one task.
public struct ExtensionAnswer: Sendable {
    let response: IncomingResponse

    init(_ response: IncomingResponse) { self.response = response }

    public var status: Int { response.status.code }
    public var headers: HeaderFields { response.headers }
    /// The length of the body, when the server tells it.
    public var bodyByteCount: Int? { response.head.bodyByteCount }

    /// The next piece of the body; `nil` at its end.
    /// - Throws: when the body breaks off.
    public func next() async throws(Unavailability) -> Bytes? {
        do throws(CallFailure) { return try await response.next() } catch {
            throw Unavailability(failedCheck: "\(error)")
        }
    }

    /// Lets go of what has not been read.
    public func cancel() { response.cancel() }
}
