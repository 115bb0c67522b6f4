// Questions about what somebody may do: the kinds of authorization.k8s.io/v1.

import APIModel
import JSON

/// Answers SubjectAccessReview, LocalSubjectAccessReview and SelfSubjectAccessReview.
public struct AccessReview: VirtualHandler {
    /// Whom a review is about, and where.
    public enum Kind: String, Sendable, CaseIterable {
        case anybody = "SubjectAccessReview"
        case inNamespace = "LocalSubjectAccessReview"
        case oneself = "SelfSubjectAccessReview"
    }

    private let kind: Kind
    private let authorizer: any Authorizer

    public init(_ kind: Kind, _ authorizer: any Authorizer) {
        self.kind = kind
        self.authorizer = authorizer
    }

    /// - Throws: 422 for a question that is not clear, 400 for one about another namespace than
    ///   the path's.
    public func answer(_ request: VirtualRequest) async throws(APIStatus) -> JSONValue {
        let spec = request.object["spec"] ?? .null
        let errors = ReviewRules(kind: kind).errors(spec, request.object)
        guard errors.isEmpty else {
            throw .invalid(GroupKind(group: Self.group, kind: kind.rawValue), "", errors)
        }
        if kind == .inNamespace {
            try checkNamespace(spec, request.namespace)
        }
        let user = kind == .oneself ? request.user : User(subjectOf: spec)
        let decision = authorizer.decide(AccessAttributes(user: user, spec: spec))
        return request.object.answered(["status": Self.status(decision)])
    }

    private func checkNamespace(_ spec: JSONValue, _ namespace: String) throws(APIStatus) {
        guard (spec[path: "resourceAttributes", "namespace"]?.string ?? "") == namespace else {
            throw .badRequest(
                "spec.resourceAttributes.namespace must match namespace: \(namespace)")
        }
    }

    private static func status(_ decision: AccessDecision) -> JSONValue {
        var status: JSONObject = ["allowed": .bool(decision.isAllowed)]
        if case .denied = decision { status["denied"] = true }
        if !decision.reason.isEmpty { status["reason"] = .string(decision.reason) }
        return .object(status)
    }

    static let group = "authorization.k8s.io"
}

/// Answers SelfSubjectRulesReview.
public struct RulesReview: VirtualHandler {
    private let authorizer: any Authorizer

    public init(_ authorizer: any Authorizer) { self.authorizer = authorizer }

    /// - Throws: 400 when no namespace is named.
    public func answer(_ request: VirtualRequest) async throws(APIStatus) -> JSONValue {
        let namespace = request.object[path: "spec", "namespace"]?.string ?? ""
        guard !namespace.isEmpty else { throw .badRequest("no namespace on request") }
        let found = authorizer.rules(for: request.user, in: namespace)
        // A rule that has both is none that validation lets through.
        let paths = found.rules.filter { !$0.nonResourceURLs.isEmpty }
        let resources = found.rules.filter { $0.nonResourceURLs.isEmpty }
        var status: JSONObject = [
            "resourceRules": .array(resources.map(\.json)),
            "nonResourceRules": .array(paths.map(\.json)),
            "incomplete": .bool(found.isIncomplete),
        ]
        if !found.errors.isEmpty {
            status["evaluationError"] = .string(found.errors.joined(separator: ", "))
        }
        return request.object.answered(["spec": [:], "status": .object(status)])
    }
}

extension JSONValue {
    /// A review with its answer. It is not kept: it has been created at no time, and nobody owns
    /// its fields.
    func answered(_ members: JSONObject) -> JSONValue {
        var metadata = self["metadata"]?.object ?? JSONObject()
        for name in ["creationTimestamp", "managedFields"] { metadata[name] = nil }
        var object = JSONObject()
        for name in ["kind", "apiVersion"] { object[name] = self[name] }
        object["metadata"] = .object(metadata)
        object["spec"] = self["spec"]
        for (name, value) in members { object[name] = value }
        return .object(object)
    }
}

extension User {
    /// The one whom a review is about.
    fileprivate init(subjectOf spec: JSONValue) {
        var extra: [String: [String]] = [:]
        for (key, values) in spec["extra"]?.object ?? JSONObject() {
            extra[key.lowercased()] = (values.array ?? []).compactMap(\.string)
        }
        self.init(
            name: spec["user"]?.string ?? "", uid: spec["uid"]?.string ?? "",
            groups: (spec["groups"]?.array ?? []).compactMap(\.string), extra: extra)
    }
}

extension AccessAttributes {
    /// What a review's `spec` asks about.
    fileprivate init(user: User, spec: JSONValue) {
        if let path = spec["nonResourceAttributes"], !path.isNull {
            self.init(
                user: user, verb: path["verb"]?.string ?? "",
                subject: .path(path["path"]?.string ?? ""))
            return
        }
        let resource = spec["resourceAttributes"] ?? .null
        func text(_ member: String) -> String { resource[member]?.string ?? "" }
        let selector = SelectorAttributes(resource["fieldSelector"])
        let name = text("name").isEmpty ? selector.fields["metadata.name"] ?? "" : text("name")
        let version = text("version").isEmpty ? "*" : text("version")
        self.init(
            user: user, verb: text("verb"),
            subject: .resource(
                group: text("group"), version: version, resource: text("resource"),
                subresource: text("subresource"), namespace: text("namespace"), name: name),
            selectedFields: selector.fields)
    }
}
