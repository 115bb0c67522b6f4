// Who asks.

/// The one whom a request comes from, as authentication found out (Kubernetes' `UserInfo`).
public struct User: Hashable, Sendable {
    public var name: ExactText
    /// Tells this user from an earlier one of the same name; empty when the source has none.
    public var uid: String
    public var groups: [ExactText]
    /// What else the source of the identity says, such as the pod that a token is bound to.
    public var extra: [String: [String]]

    public init(
        name: String, uid: String = "", groups: [String] = [], extra: [String: [String]] = [:]
    ) {
        self.name = ExactText(name)
        self.uid = uid
        self.groups = [ExactText](groups)
        self.extra = extra
    }

    /// Whoever shows no credentials.
    public static let anonymous = User(
        name: "system:anonymous", groups: ["system:unauthenticated"])

    /// Whoever comes through the plain listener on loopback: the machine's own people, who may do
    /// everything.
    public static let loopback = User(
        name: "system:admin", groups: ["system:masters", "system:authenticated"])
}
