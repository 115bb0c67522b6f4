// The objects that give policies their parameters.

import APIModel
import JSON
import Resources

/// The objects of a kind that is served, as they are now.
public struct ParameterKind: Sendable {
    let isNamespaced: Bool
    let object: @Sendable (_ namespace: String, _ name: String) -> JSONValue?
    let objects: @Sendable (_ namespace: String) -> [JSONValue]

    /// Namespaces are empty for a kind that is in none.
    public init(
        isNamespaced: Bool,
        object: @escaping @Sendable (_ namespace: String, _ name: String) -> JSONValue?,
        objects: @escaping @Sendable (_ namespace: String) -> [JSONValue]
    ) {
        self.isNamespaced = isNamespaced
        self.object = object
        self.objects = objects
    }
}

/// Why a policy cannot be asked with its binding.
struct PolicyProblem: Error {
    let description: String
}

/// Finds the parameters of a policy with a binding.
struct PolicyParameters {
    let kinds: @Sendable (GroupVersionKind) -> ParameterKind?

    /// - Returns: with which parameters the policy is asked, one after the other; `null` alone when
    ///   there are none to be had.
    func found(
        _ policy: Policy, _ binding: PolicyBinding, _ request: AdmissionRequest
    ) throws(PolicyProblem) -> [JSONValue] {
        guard let kind = policy.parameterKind, !binding.parameters.isNull else { return [.null] }
        guard let source = kinds(kind) else {
            throw PolicyProblem(
                description: "failed to configure binding: paramKind kind `\(kind)` not known")
        }
        let namespace = try namespace(source, binding.parameters, request)
        let found = objects(source, binding.parameters, namespace)
        if found.isEmpty, binding.parameters.text("parameterNotFoundAction") == "Deny" {
            throw PolicyProblem(
                description: "failed to configure binding: no params found for policy binding with "
                    + "`Deny` parameterNotFoundAction")
        }
        return found
    }

    private func namespace(
        _ source: ParameterKind, _ reference: JSONValue, _ request: AdmissionRequest
    ) throws(PolicyProblem) -> String {
        let named = reference.text("namespace")
        guard source.isNamespaced else {
            guard named.isEmpty else {
                throw PolicyProblem(
                    description: "failed to configure binding: paramRef.namespace must not be "
                        + "provided for a cluster-scoped `paramKind`")
            }
            return ""
        }
        if !named.isEmpty { return named }
        guard !request.isNamespace, !request.place.namespace.isEmpty else {
            throw PolicyProblem(
                description: "failed to configure binding: cannot use namespaced paramRef in "
                    + "policy binding that matches cluster-scoped resources")
        }
        return request.place.namespace
    }

    private func objects(
        _ source: ParameterKind, _ reference: JSONValue, _ namespace: String
    ) -> [JSONValue] {
        let name = reference.text("name")
        guard name.isEmpty else { return source.object(namespace, name).map { [$0] } ?? [] }
        guard let selector = try? LabelSelector(object: reference["selector"]) else { return [] }
        return source.objects(namespace).filter {
            selector.matches(ObjectMeta(of: $0).labels)
        }
    }
}
