import HTTPClient

/// A webhook that could not be asked, or gave no answer that can be used.
public struct WebhookFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    /// - Parameter description: why, for people; stands in the messages that clients get.
    public init(_ description: String) { self.description = description }

    /// A call to `url` that failed. When its time is up, it says so as Go programs do: clients look
    /// for that.
    init(_ failure: CallFailure, posting url: String) {
        let reason =
            switch failure.cause {
            case .timedOut: "context deadline exceeded"
            default: failure.description
            }
        self.init("failed to call webhook: Post \"\(url)\": \(reason)")
    }
}
