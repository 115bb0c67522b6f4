import APIModel
import JSON
import Resources

/// A Service and one of its ports, as configurations name a server.
struct ServiceReference: Hashable, Sendable {
    let namespace: String
    let name: String
    let port: Int64

    private static let usualPort: Int64 = 443

    /// - Parameter reference: has passed validation.
    init(_ reference: JSONValue) {
        namespace = reference.text("namespace")
        name = reference.text("name")
        port = reference["port"]?.int ?? Self.usualPort
    }

    /// The name that the server's certificate must be good for.
    var host: String { "\(name).\(namespace).svc" }

    /// What stands before the path in messages.
    var root: String { "https://\(host):\(port)" }
}
