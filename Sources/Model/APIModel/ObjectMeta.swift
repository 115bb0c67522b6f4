// The metadata that every object has.

import JSON

/// A reader of an object's `metadata`. Members of a wrong type read as if they were not there; the
/// schema refuses them.
public struct ObjectMeta: Hashable, Sendable {
    /// The members of `metadata`.
    public var members: JSONObject

    public init(members: JSONObject) { self.members = members }

    /// Of a whole object; empty when it has no `metadata`.
    public init(of object: JSONValue) { members = object["metadata"]?.object ?? JSONObject() }

    public var name: String { text("name") }
    public var generateName: String { text("generateName") }
    public var namespace: String { text("namespace") }
    public var uid: String { text("uid") }
    public var resourceVersion: String { text("resourceVersion") }
    public var generation: Int64 { members["generation"]?.int ?? 0 }
    public var creationTimestamp: Timestamp? { moment("creationTimestamp") }
    public var deletionTimestamp: Timestamp? { moment("deletionTimestamp") }
    public var deletionGracePeriodSeconds: Int64? { members["deletionGracePeriodSeconds"]?.int }
    /// Whether the object is on its way out.
    public var isBeingDeleted: Bool { members["deletionTimestamp"].map { !$0.isNull } ?? false }
    public var finalizers: [String] {
        (members["finalizers"]?.array ?? []).compactMap(\.string)
    }
    /// In the order in which they are written.
    public var labels: [(key: String, value: String)] { pairs("labels") }
    public var annotations: [(key: String, value: String)] { pairs("annotations") }
    public var ownerReferences: [OwnerReference] {
        (members["ownerReferences"]?.array ?? []).map(OwnerReference.init)
    }

    public func label(_ key: String) -> String? { members["labels"]?[key]?.string }
    public func annotation(_ key: String) -> String? { members["annotations"]?[key]?.string }

    private func text(_ member: String) -> String { members[member]?.string ?? "" }
    private func moment(_ member: String) -> Timestamp? {
        members[member]?.string.flatMap(Timestamp.init)
    }

    private func pairs(_ member: String) -> [(key: String, value: String)] {
        (members[member]?.object ?? JSONObject()).compactMap { entry in
            entry.value.string.map { (entry.key, $0) }
        }
    }
}

/// An object that another one belongs to and goes away with.
public struct OwnerReference: Hashable, Sendable {
    public var apiVersion: String
    public var kind: String
    public var name: String
    public var uid: String
    public var isController: Bool
    public var blocksOwnerDeletion: Bool

    public init(_ value: JSONValue) {
        apiVersion = value["apiVersion"]?.string ?? ""
        kind = value["kind"]?.string ?? ""
        name = value["name"]?.string ?? ""
        uid = value["uid"]?.string ?? ""
        isController = value["controller"]?.bool ?? false
        blocksOwnerDeletion = value["blockOwnerDeletion"]?.bool ?? false
    }
}
