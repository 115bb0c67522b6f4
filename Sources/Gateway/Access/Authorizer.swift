// Whether somebody may do something.

/// What somebody wants to do, in the words of Kubernetes' authorization.
public struct AccessAttributes: Hashable, Sendable {
    /// What the request is about.
    public enum Subject: Hashable, Sendable {
        /// `namespace` and `name` are empty when the request names none: all of them are meant.
        case resource(
            group: String, version: String, resource: String, subresource: String,
            namespace: String, name: String)
        /// A path outside of the resources, such as `/version`.
        case path(String)
    }

    public var user: User
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`, `bind`,
    /// `escalate`, `impersonate`, …; for a path the HTTP method in small letters.
    public var verb: String
    public var subject: Subject

    public init(user: User, verb: String, subject: Subject) {
        self.user = user
        self.verb = verb
        self.subject = subject
    }
}

/// What an authorizer says.
public enum AccessDecision: Hashable, Sendable {
    case allowed(reason: String)
    /// This authorizer does not know; another one may allow it.
    case noOpinion(reason: String)
    /// Nobody may allow it any more.
    case denied(reason: String)
}

/// Decides from what is in memory, on the loop of the request: it never waits.
public protocol Authorizer: Sendable {
    func decide(_ attributes: AccessAttributes) -> AccessDecision
}
