// What an APIService says about the server of its group and version.

import APIModel
import JSON
import Resources

/// A group and version that another server serves (apiregistration.k8s.io/v1).
public struct ExtensionAPI: Hashable, Sendable {
    /// The APIService's own name.
    public let name: String
    public let groupVersion: GroupVersion
    let service: ServiceReference
    let trust: NamedServer.Trust
    /// Versions with a higher one come first in their group.
    public let versionPriority: Int64

    /// `nil` for what this server serves itself.
    public init?(_ object: JSONValue) {
        let spec = object["spec"] ?? .null
        guard let service = spec["service"], !service.isNull else { return nil }
        name = ObjectMeta(of: object).name
        groupVersion = GroupVersion(group: spec.text("group"), version: spec.text("version"))
        self.service = ServiceReference(service)
        trust = NamedServer.Trust(
            authorities: spec.text("caBundle"),
            isInsecure: spec["insecureSkipTLSVerify"]?.bool ?? false)
        versionPriority = spec["versionPriority"]?.int ?? 0
    }

    /// Where its resources are.
    public var path: String { "/apis/\(groupVersion)" }
}
