/// Which fields of an object a write can own: those that it can change.
public struct FieldScope: Sendable {
    private enum Part: Sendable {
        /// Everything but the status, where that has a path of its own.
        case object(hasStatus: Bool)
        /// The status, and perhaps labels and annotations.
        case status(hasLabels: Bool)
    }

    private let part: Part

    private init(_ part: Part) { self.part = part }

    /// Of a write of the object itself.
    /// - Parameter hasStatus: whether `status` has a path of its own.
    public static func object(hasStatus: Bool) -> FieldScope {
        FieldScope(.object(hasStatus: hasStatus))
    }

    /// Of a write of the `status` subresource.
    /// - Parameter hasLabels: whether it can also change labels and annotations.
    public static func status(hasLabels: Bool) -> FieldScope {
        FieldScope(.status(hasLabels: hasLabels))
    }

    /// Members of an object that say which one it is.
    private static let identity: Set<String> = ["apiVersion", "kind"]

    /// Members of `metadata` that say which object it is, and those that only the server sets.
    private static let unowned: Set<String> = [
        "name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation",
        "managedFields", "resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds",
    ]

    /// Whether a member of the object is looked at.
    func includes(_ member: String) -> Bool {
        switch part {
        case .object(let hasStatus):
            !Self.identity.contains(member) && !(hasStatus && member == "status")
        case .status: member == "status" || member == "metadata"
        }
    }

    /// Whether a member of `metadata` is looked at.
    func includes(metadata member: String) -> Bool {
        switch part {
        case .object: !Self.unowned.contains(member)
        case .status(let hasLabels):
            hasLabels && (member == "labels" || member == "annotations")
        }
    }
}
