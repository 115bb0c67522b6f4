// What a write passes between the filling in of its defaults and its commit.

import APIModel
import Access
import JSON

/// Changes and judges writes by what else there is in the cluster. It never waits: what it knows is
/// in the cache.
public protocol AdmissionPlugin: Sendable {
    /// As Kubernetes names it.
    static var name: String { get }
    /// The resources at whose writes it looks.
    static var resources: Set<GroupResource> { get }

    /// Fills in what the author left to the cluster. Defaults are there, and the object has not
    /// been validated.
    /// - Throws: the refusal.
    func admit(_ write: inout ProposedWrite) throws(APIStatus)

    /// Judges the object as it will be stored. It has been validated.
    /// - Throws: the refusal.
    func validate(_ write: ProposedWrite) throws(APIStatus)
}

extension AdmissionPlugin {
    public func admit(_ write: inout ProposedWrite) throws(APIStatus) {}
    public func validate(_ write: ProposedWrite) throws(APIStatus) {}
}

extension ProposedWrite {
    /// Whether it makes a new object, and not something beside one.
    var isCreation: Bool { operation == .create && subresource.isEmpty }

    /// Whether it changes the object itself.
    var isUpdate: Bool { operation == .update && subresource.isEmpty }

    var spec: JSONValue { object["spec"] ?? .null }
}

extension GroupResource {
    static let pods = GroupResource(group: "", resource: "pods")
    static let nodes = GroupResource(group: "", resource: "nodes")
    static let volumes = GroupResource(group: "", resource: "persistentvolumes")
    static let volumeClaims = GroupResource(group: "", resource: "persistentvolumeclaims")
    static let ingresses = GroupResource(group: "networking.k8s.io", resource: "ingresses")
    static let priorityClasses = GroupResource(
        group: "scheduling.k8s.io", resource: "priorityclasses")
}
