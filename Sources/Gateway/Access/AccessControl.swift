// The parts of authorization, put together.

import APIModel
import WatchCache

/// Who may do what, by the roles and the objects of one cache.
public struct AccessControl: Sendable {
    /// Decides about requests.
    public let authorizer: any Authorizer
    /// Look at writes, for what verb and resource do not say.
    public let checks: [any WriteCheck]
    /// Answer the kinds of authorization.k8s.io.
    public let reviews: [GroupKind: any VirtualHandler]

    /// - Precondition: `cache` holds the four kinds of rbac.authorization.k8s.io, and pods.
    public init(_ cache: Cache) {
        let roles = RBACAuthorizer(cache)
        let authorizer = UnionAuthorizer([NodeAuthorizer(cache), roles])
        self.authorizer = authorizer
        checks = [NodeRestriction(cache), EscalationCheck(roles, authorizer)]
        var reviews: [GroupKind: any VirtualHandler] = [:]
        for kind in AccessReview.Kind.allCases {
            reviews[GroupKind(group: AccessReview.group, kind: kind.rawValue)] = AccessReview(
                kind, authorizer)
        }
        reviews[GroupKind(group: AccessReview.group, kind: "SelfSubjectRulesReview")] =
            RulesReview(authorizer)
        self.reviews = reviews
    }
}
