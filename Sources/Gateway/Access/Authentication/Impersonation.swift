// Acting in another user's name.

import APIModel

/// In whose name somebody wants to act (Kubernetes: "User impersonation").
public struct Impersonation: Hashable, Sendable {
    public var userName: String
    public var uid: String
    public var groups: [String]
    /// By key, in small letters.
    public var extra: [String: [String]]

    public init(
        userName: String, uid: String = "", groups: [String] = [], extra: [String: [String]] = [:]
    ) {
        self.userName = userName
        self.uid = uid
        self.groups = groups
        self.extra = extra
    }

    /// The user that `requester` becomes.
    /// - Throws: 403 unless `requester` may impersonate each part of it.
    public func apply(
        to requester: Requester, _ authorizer: any Authorizer
    ) throws(APIStatus) -> Requester {
        for subject in subjects {
            try authorizer.require(
                AccessAttributes(user: requester.user, verb: "impersonate", subject: subject))
        }
        return Requester(user, until: requester.until, impersonator: requester.user)
    }

    /// Everything that must be allowed.
    private var subjects: [AccessAttributes.Subject] {
        var subjects: [AccessAttributes.Subject] = []
        if let account = serviceAccount {
            subjects.append(
                .resource(
                    group: "", version: "v1", resource: "serviceaccounts", subresource: "",
                    namespace: account.namespace, name: account.name))
        } else {
            subjects.append(Self.subject("users", userName))
        }
        subjects += groups.map { Self.subject("groups", $0) }
        for (key, values) in extra.sorted(by: { $0.key < $1.key }) {
            subjects += values.map { Self.subject("userextras", $0, key, in: Self.group) }
        }
        if !uid.isEmpty { subjects.append(Self.subject("uids", uid, in: Self.group)) }
        return subjects
    }

    private static let group = "authentication.k8s.io"

    private static func subject(
        _ resource: String, _ name: String, _ subresource: String = "", in group: String = ""
    ) -> AccessAttributes.Subject {
        .resource(
            group: group, version: "v1", resource: resource, subresource: subresource,
            namespace: "", name: name)
    }

    /// The namespace and name when the user is a service account.
    private var serviceAccount: (namespace: String, name: String)? {
        let parts = userName.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "system", parts[1] == "serviceaccount" else {
            return nil
        }
        let (namespace, name) = (String(parts[2]), String(parts[3]))
        guard ValueFormat.dns1123Label.isValid(namespace),
            ValueFormat.dns1123Subdomain.isValid(name)
        else { return nil }
        return (namespace, name)
    }

    private var user: User {
        var user = User(name: userName, uid: uid, groups: groups, extra: extra)
        if groups.isEmpty, let account = serviceAccount {
            user.groups = [ExactText](ServiceAccountClaims.groups(in: account.namespace))
        }
        let unauthenticated: ExactText = "system:unauthenticated"
        if user.name == User.anonymous.name {
            if !user.groups.contains(unauthenticated) { user.groups.append(unauthenticated) }
            return user
        }
        return user.groups.contains(unauthenticated) ? user : user.inGroupOfAuthenticated
    }
}
