import APIModel
import HTTPClient

/// A webhook that could not be asked, or gave no answer that can be used.
public struct WebhookFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    /// - Parameter description: why, for people; stands in the messages that clients get.
    public init(_ description: String) { self.description = description }

    /// There was no way to post something to `url`.
    init(posting url: String, _ reason: String) {
        self.init("Post \"\(url)\": \(reason)")
    }

    /// A call to `url` that failed. When its time is up, it says so as Go programs do: clients look
    /// for that.
    init(posting url: String, _ failure: CallFailure) {
        let reason =
            switch failure.cause {
            case .timedOut: "context deadline exceeded"
            default: failure.description
            }
        self.init(posting: url, reason)
    }

    /// The webhook's Service does not lead to `url`.
    init(posting url: String, _ failure: ServiceFailure, of service: ServiceReference) {
        let name = service.name.quoted
        let reason =
            switch failure {
            case .absent: "service \(name) not found"
            case .noPort: "no service port \(service.port) found for service \(name)"
            case .noEndpoints: "no endpoints available for service \(name)"
            case .noAddress: "service \(name) has no address that can be called"
            }
        self.init(posting: url, reason)
    }
}
