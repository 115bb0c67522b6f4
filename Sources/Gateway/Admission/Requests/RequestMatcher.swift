// Which requests are meant, by all that a webhook or a policy says about it.

import APIModel
import JSON
import Resources

/// The rules and selectors of a webhook, of a policy's `matchConstraints` or of a binding's
/// `matchResources`.
struct RequestMatcher: Sendable {
    /// A request in a version that a rule names.
    struct Match: Sendable {
        let form: AdmissionRequest.Form
        /// The request's objects as the rule knows them.
        let object: JSONValue
        let old: JSONValue
        /// `nil` for the version of the request itself.
        private let back: AdmissionRequest.Equivalent.Way?

        fileprivate init(_ request: AdmissionRequest) {
            form = request.place.form
            object = request.object
            old = request.old
            back = nil
        }

        fileprivate init(
            _ request: AdmissionRequest, as other: AdmissionRequest.Equivalent
        ) async throws(APIStatus) {
            form = other.form
            object = request.object.isNull ? .null : try await other.there(request.object)
            old = request.old.isNull ? .null : try await other.there(request.old)
            back = other.back
        }

        /// An object as the rule knows it, as the request has it.
        func returned(_ object: JSONValue) async throws(APIStatus) -> JSONValue {
            guard let back, !object.isNull else { return object }
            return try await back(object)
        }
    }

    private let rules: [RequestRule]
    private let exceptions: [RequestRule]
    private let takesEquivalents: Bool
    private let namespaces: LabelSelector
    private let objects: LabelSelector

    /// - Parameters:
    ///   - object: has the selectors and the match policy.
    ///   - rules: `nil` when it need not have any: then all requests are meant.
    init(_ object: JSONValue, rules: [JSONValue]?, exceptions: [JSONValue] = []) {
        self.rules = (rules ?? [Self.everything]).map(RequestRule.init)
        self.exceptions = exceptions.map(RequestRule.init)
        takesEquivalents = object.text("matchPolicy") != "Exact"
        namespaces = Self.selector(object["namespaceSelector"])
        objects = Self.selector(object["objectSelector"])
    }

    private static let everything: JSONValue = [
        "operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*/*"],
    ]

    /// None is as good as an empty one. One that cannot be read has been refused when it came.
    private static func selector(_ object: JSONValue?) -> LabelSelector {
        guard let object, !object.isNull else { return .everything }
        return (try? LabelSelector(object: object)) ?? .nothing
    }

    /// - Parameter labels: those of the request's namespace, or `nil` for what is in none.
    /// - Returns: `nil` when the request is not meant.
    /// - Throws: 500 when its objects cannot be had in the version that a rule names.
    func match(
        _ request: AdmissionRequest, namespaceLabels labels: LabelLookup
    ) async throws(APIStatus) -> Match? {
        switch place(request, labels) {
        case nil: return nil
        case .own: return Match(request)
        case .other(let other): return try await Match(request, as: other)
        }
    }

    /// Whether the request is meant.
    func means(_ request: AdmissionRequest, namespaceLabels labels: LabelLookup) -> Bool {
        place(request, labels) != nil
    }

    /// The version in which a rule means a request.
    private enum Place {
        case own
        case other(AdmissionRequest.Equivalent)
    }

    private func place(_ request: AdmissionRequest, _ labels: LabelLookup) -> Place? {
        guard selects(request, labels), find(request, exceptions) == nil else { return nil }
        return find(request, rules)
    }

    private func find(_ request: AdmissionRequest, _ rules: [RequestRule]) -> Place? {
        let own = request.place.form
        if rules.contains(where: { $0.matches(request, as: own) }) { return .own }
        guard takesEquivalents, !rules.isEmpty else { return nil }
        for equivalent in request.place.equivalents() {
            if rules.contains(where: { $0.matches(request, as: equivalent.form) }) {
                return .other(equivalent)
            }
        }
        return nil
    }

    private func selects(_ request: AdmissionRequest, _ labels: LabelLookup) -> Bool {
        if !namespaces.selectsEverything, let own = labels.labels(for: request),
            !namespaces.matches(own)
        {
            return false
        }
        return objects.selectsEverything
            || [request.object, request.old].contains { object in
                object[path: "metadata"] != nil && objects.matches(ObjectMeta(of: object).labels)
            }
    }
}

/// The labels of namespaces, as they are now.
struct LabelLookup: Sendable {
    let namespaces: CachedKind

    /// Those of the namespace that a request is about or in; `nil` when it has to do with none.
    func labels(for request: AdmissionRequest) -> [(key: String, value: String)]? {
        if request.isNamespace, request.place.subresource.isEmpty, !request.object.isNull {
            return ObjectMeta(of: request.object).labels
        }
        guard !request.place.namespace.isEmpty else { return nil }
        return namespaces.object(request.place.namespace).map { ObjectMeta(of: $0).labels } ?? []
    }
}
