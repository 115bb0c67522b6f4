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
    /// The fields that a field selector ties to one value. A selector on `metadata.name` also
    /// makes that name the subject's.
    public var selectedFields: [String: String]

    public init(
        user: User, verb: String, subject: Subject, selectedFields: [String: String] = [:]
    ) {
        self.user = user
        self.verb = verb
        self.subject = subject
        self.selectedFields = selectedFields
    }
}

/// What an authorizer says.
public enum AccessDecision: Hashable, Sendable {
    case allowed(reason: String)
    /// This authorizer does not know; another one may allow it.
    case noOpinion(reason: String)
    /// Nobody may allow it any more.
    case denied(reason: String)

    public var isAllowed: Bool {
        if case .allowed = self { true } else { false }
    }

    /// Empty when there is nothing to say.
    public var reason: String {
        switch self {
        case .allowed(let reason), .noOpinion(let reason), .denied(let reason): reason
        }
    }
}

/// Decides from what is in memory, on the loop of the request: it never waits.
public protocol Authorizer: Sendable {
    func decide(_ attributes: AccessAttributes) -> AccessDecision
    /// What `user` may do in `namespace`, as far as this authorizer can list it.
    func rules(for user: User, in namespace: String) -> ResolvedRules
}

/// What somebody may do, as a list.
public struct ResolvedRules: Hashable, Sendable {
    public var rules: [PolicyRule]
    /// What could not be looked up.
    public var errors: [String]
    /// Whether more may be allowed than is listed.
    public var isIncomplete: Bool

    public init(rules: [PolicyRule] = [], errors: [String] = [], isIncomplete: Bool = false) {
        self.rules = rules
        self.errors = errors
        self.isIncomplete = isIncomplete || !errors.isEmpty
    }
}
