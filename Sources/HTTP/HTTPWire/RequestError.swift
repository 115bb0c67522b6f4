// Why a request cannot be served at all.

/// A request that breaks the protocol or a limit.
public struct RequestError: Error, Equatable, Sendable {
    public let status: HTTPStatus
    /// What is wrong, for people.
    public let message: String

    public init(_ status: HTTPStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    static func malformed(_ message: String) -> RequestError {
        RequestError(.badRequest, message)
    }
}
