// What an APIService says about the server of its group and version.

import APIModel
import JSON
import Resources

/// A group and version that another server serves (apiregistration.k8s.io/v1).
package struct ExtensionAPI: Hashable, Sendable {
    /// Where the server is: a Service and one of its ports.
    struct Reference: Hashable, Sendable {
        let namespace: String
        let name: String
        let port: Int64

        /// The name that the server's certificate must be good for.
        var host: String { "\(name).\(namespace).svc" }
        /// As messages name it.
        var description: String { "service/\(name) in \(namespace.quoted)" }
    }

    /// The APIService's own name.
    package let name: String
    package let groupVersion: GroupVersion
    let service: Reference
    /// The authorities of the server's certificate in PEM, in base64; empty for those that this
    /// system trusts.
    let authorities: String
    /// Whether any certificate will do.
    let isInsecure: Bool
    /// Versions with a higher one come first in their group.
    package let versionPriority: Int64

    /// `nil` for what this server serves itself.
    package init?(_ object: JSONValue) {
        let spec = object["spec"] ?? .null
        guard let service = spec["service"], !service.isNull else { return nil }
        name = ObjectMeta(of: object).name
        groupVersion = GroupVersion(group: spec.text("group"), version: spec.text("version"))
        self.service = Reference(
            namespace: service.text("namespace"), name: service.text("name"),
            port: service["port"]?.int ?? Self.usualPort)
        authorities = spec.text("caBundle")
        isInsecure = spec["insecureSkipTLSVerify"]?.bool ?? false
        versionPriority = spec["versionPriority"]?.int ?? 0
    }

    private static let usualPort: Int64 = 443

    /// Where its resources are.
    package var path: String { "/apis/\(groupVersion)" }
}

/// Why a server gives no answer, in the words of the condition `Available`.
package struct Unavailability: Error, Hashable, Sendable {
    /// One word, such as `ServiceNotFound`.
    package let reason: String
    /// For people.
    package let message: String

    package init(_ reason: String, _ message: String) {
        self.reason = reason
        self.message = message
    }
}
