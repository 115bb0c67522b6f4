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
        /// `nil` for the version of the request itself.
        fileprivate(set) var conversion: AdmissionRequest.Equivalent?

        /// The object as the rule knows it.
        func shown(_ object: JSONValue) -> JSONValue {
            guard let conversion, !object.isNull else { return object }
            return conversion.there(object)
        }

        /// Such an object as the request has it.
        func returned(_ object: JSONValue) -> JSONValue {
            guard let conversion, !object.isNull else { return object }
            return conversion.back(object)
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
    func match(_ request: AdmissionRequest, namespaceLabels labels: LabelLookup) -> Match? {
        guard selects(request, labels), find(request, exceptions) == nil else { return nil }
        return find(request, rules)
    }

    private func find(_ request: AdmissionRequest, _ rules: [RequestRule]) -> Match? {
        let own = request.place.form
        if rules.contains(where: { $0.matches(request, as: own) }) { return Match(form: own) }
        guard takesEquivalents, !rules.isEmpty else { return nil }
        for equivalent in request.place.equivalents() {
            if rules.contains(where: { $0.matches(request, as: equivalent.form) }) {
                return Match(form: equivalent.form, conversion: equivalent)
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
