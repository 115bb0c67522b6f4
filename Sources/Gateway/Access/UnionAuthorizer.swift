/// Asks several authorizers, one after the other. Members of `system:masters` may do everything.
public struct UnionAuthorizer: Authorizer {
    /// Those who may do everything, whatever is bound to whom.
    public static let privilegedGroup: ExactText = "system:masters"

    private let authorizers: [any Authorizer]

    public init(_ authorizers: [any Authorizer]) { self.authorizers = authorizers }

    /// The first clear answer counts. Without one, all reasons are told.
    public func decide(_ attributes: AccessAttributes) -> AccessDecision {
        if attributes.user.isPrivileged { return .allowed(reason: "") }
        var reasons: [String] = []
        for authorizer in authorizers {
            let decision = authorizer.decide(attributes)
            guard case .noOpinion(let reason) = decision else { return decision }
            if !reason.isEmpty { reasons.append(reason) }
        }
        return .noOpinion(reason: reasons.joined(separator: "\n"))
    }

    public func rules(for user: User, in namespace: String) -> ResolvedRules {
        var all = ResolvedRules()
        for authorizer in authorizers {
            let part = authorizer.rules(for: user, in: namespace)
            all.rules += part.rules
            all.errors += part.errors
            all.isIncomplete = all.isIncomplete || part.isIncomplete
        }
        return all
    }
}

extension User {
    /// Whether this user may do everything.
    public var isPrivileged: Bool { groups.contains(UnionAuthorizer.privilegedGroup) }
}
