// Which plugins admit writes.

/// The names of plugins that are turned on and off.
public struct AdmissionChoice: Sendable {
    private var disabled: Set<String> = optional

    /// What is on unless somebody says otherwise.
    public init() {}

    /// Why names cannot be turned on or off.
    public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// Everything that can be turned on and off.
    public static let names =
        AdmissionChain.pluginTypes.map { $0.name } + [QuotaAccount.pluginName]
        + DynamicAdmission.names

    /// The one that gives pods their account.
    public static let serviceAccount = ServiceAccountAssignment.name

    /// These change objects in a way that only a controller of the cluster undoes. Where there is
    /// none, claims would stay for ever and nodes would never get a pod.
    static let optional: Set<String> = [
        StorageObjectInUseProtection.name, TaintNodesByCondition.name,
    ]

    /// These are part of what the server is, and cannot be turned off.
    static let permanent: Set<String> = ["NamespaceLifecycle", "NodeRestriction"]

    /// - Throws: for a name that is not known, is permanent, or is in both lists.
    public init(enabling: [String], disabling: [String]) throws(Problem) {
        for name in enabling + disabling
        where !Self.names.contains(name) && !Self.permanent.contains(name) {
            throw Problem(
                description: "there is no admission plugin \(name); there are "
                    + (Self.names + Self.permanent).sorted().joined(separator: ", "))
        }
        if let name = disabling.first(where: Self.permanent.contains) {
            throw Problem(description: "the admission plugin \(name) cannot be turned off")
        }
        if let name = enabling.first(where: disabling.contains) {
            throw Problem(
                description: "the admission plugin \(name) is both turned on and turned off")
        }
        disabled.subtract(enabling)
        disabled.formUnion(disabling)
    }

    /// Turns a plugin off.
    public mutating func disable(_ name: String) { disabled.insert(name) }

    public func isEnabled(_ name: String) -> Bool { !disabled.contains(name) }
}
