import APIModel

/// Why a server gives no answer, in the words of the condition `Available`.
public struct Unavailability: Error, Hashable, Sendable {
    /// One word, such as `ServiceNotFound`.
    public let reason: String
    /// For people.
    public let message: String

    /// - Parameters:
    ///   - reason: one word, such as `ServiceNotFound`.
    ///   - message: for people.
    public init(_ reason: String, _ message: String) {
        self.reason = reason
        self.message = message
    }

    /// The server could not be reached, or its answer is of no use.
    init(failedCheck message: String) { self.init("FailedDiscoveryCheck", message) }

    /// The server's Service leads nowhere.
    init(_ failure: ServiceFailure, of service: ServiceReference) {
        let name = "service/\(service.name) in \(service.namespace.quoted)"
        switch failure {
        case .absent: self.init("ServiceNotFound", "\(name) is not present")
        case .noPort:
            self.init("ServicePortError", "\(name) is not listening on port \(service.port)")
        case .noEndpoints(let portName):
            self.init(
                "MissingEndpoints",
                "endpoints for \(name) have no addresses with port name \(portName.quoted)")
        case .noAddress:
            self.init("ServicePortError", "\(name) has no address that can be called")
        }
    }
}
