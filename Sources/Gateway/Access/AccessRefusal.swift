// What a client is told that may not do what it asked for, in the words of the API.

import APIModel

extension AccessAttributes {
    /// 403: `pods is forbidden: User "x" cannot list resource "pods" in API group "" in the
    /// namespace "y"`, or `forbidden: User "x" cannot get path "/x"`.
    /// - Parameter reason: what authorization has to say beyond that; empty when nothing.
    public func refusal(reason: String) -> APIStatus {
        let problem = reason.isEmpty ? sentence : "\(sentence): \(reason)"
        switch subject {
        case .resource(let group, _, let resource, _, _, let name):
            return .forbidden(
                GroupResource(group: group, resource: resource), name, problem: problem)
        case .path:
            return APIStatus(
                code: 403, reason: .forbidden, message: "forbidden: \(problem)",
                details: APIStatus.Details())
        }
    }

    /// Who cannot do what, and where.
    var sentence: String {
        let name = user.name.quoted
        switch subject {
        case .path(let path): return "User \(name) cannot \(verb) path \(path.quoted)"
        case .resource(let group, _, let resource, let subresource, let namespace, _):
            let whole = subresource.isEmpty ? resource : "\(resource)/\(subresource)"
            let place =
                namespace.isEmpty
                ? "at the cluster scope" : "in the namespace \(namespace.quoted)"
            return "User \(name) cannot \(verb) resource \(whole.quoted) in API group "
                + "\(group.quoted) \(place)"
        }
    }
}

extension Authorizer {
    /// Asks, and turns anything but a yes into a refusal.
    /// - Throws: 403.
    public func require(_ attributes: AccessAttributes) throws(APIStatus) {
        let decision = decide(attributes)
        guard decision.isAllowed else { throw attributes.refusal(reason: decision.reason) }
    }
}
