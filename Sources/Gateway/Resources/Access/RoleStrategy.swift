// Roles and cluster roles: what may be done.

import APIModel
import JSON

/// Where a role or a binding belongs.
enum RoleScope: Sendable {
    case cluster, namespace
}

/// What the kinds of this group have in common.
enum RoleRules {
    static let group = "rbac.authorization.k8s.io"

    /// What is wrong with one rule.
    static func errors(
        _ rule: JSONValue, _ scope: RoleScope, at path: FieldPath
    ) -> [FieldError] {
        var errors: [FieldError] = []
        if !rule.isFilled("verbs") {
            errors.append(
                .required(path.child("verbs"), "verbs must contain at least one value"))
        }
        guard !rule.isFilled("nonResourceURLs") else {
            return errors + pathErrors(rule, scope, at: path.child("nonResourceURLs"))
        }
        if !rule.isFilled("apiGroups") {
            errors.append(
                .required(
                    path.child("apiGroups"), "resource rules must supply at least one api group"))
        }
        if !rule.isFilled("resources") {
            errors.append(
                .required(
                    path.child("resources"), "resource rules must supply at least one resource"))
        }
        return errors
    }

    private static func pathErrors(
        _ rule: JSONValue, _ scope: RoleScope, at path: FieldPath
    ) -> [FieldError] {
        var errors: [FieldError] = []
        if scope == .namespace {
            errors.append(
                .invalid(
                    path, rule["nonResourceURLs"],
                    "namespaced rules cannot apply to non-resource URLs"))
        }
        if ["apiGroups", "resources", "resourceNames"].contains(where: rule.isFilled) {
            errors.append(
                .invalid(
                    path, rule["nonResourceURLs"],
                    "rules cannot apply to both regular resources and non-resource URLs"))
        }
        return errors
    }
}

struct RoleStrategy: Strategy {
    let scope: RoleScope

    var createsOnUpdate: Bool { true }

    func validate(_ object: JSONValue) -> [FieldError] {
        let path = FieldPath("rules")
        let errors = object.list("rules").enumerated().flatMap { index, rule in
            RoleRules.errors(rule, scope, at: path.index(index))
        }
        return errors + aggregationErrors(object)
    }

    private func aggregationErrors(_ object: JSONValue) -> [FieldError] {
        guard scope == .cluster, object.has("aggregationRule") else { return [] }
        let path = FieldPath("aggregationRule", "clusterRoleSelectors")
        let selectors = object["aggregationRule"]?.list("clusterRoleSelectors") ?? []
        guard !selectors.isEmpty else {
            return [
                .required(
                    path, "at least one clusterRoleSelector required if aggregationRule is non-nil")
            ]
        }
        return selectors.enumerated().flatMap { index, selector in
            LabelSelector.errors(inObject: selector, at: path.index(index))
        }
    }
}
