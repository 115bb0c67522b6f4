// Expressions about requests: match conditions of webhooks, and admission policies.

import APIModel
import CEL
import JSON

/// What expressions about requests may speak of, as Kubernetes documents it for match conditions
/// and ValidatingAdmissionPolicy. Left out is `authorizer`: an expression that names it is refused
/// when it is created.
public enum AdmissionExpressions {
    /// For match conditions of webhooks.
    public static let conditions = Environment([
        "object": .dyn, "oldObject": .dyn, "request": .object(request),
    ])

    /// For policies without parameters and variables.
    public static let policies = conditions.adding("namespaceObject", .dyn)

    /// The request, as in AdmissionReview of admission.k8s.io/v1, without the objects.
    public static let request = ObjectType(
        name: "kubernetes.AdmissionRequest",
        fields: [
            "kind": .object(kind), "resource": .object(resource), "subResource": .string,
            "requestKind": .object(kind), "requestResource": .object(resource),
            "requestSubResource": .string, "name": .string, "namespace": .string,
            "operation": .string, "userInfo": .object(user), "dryRun": .bool, "options": .dyn,
        ])

    private static let kind = ObjectType(
        name: "kubernetes.GroupVersionKind",
        fields: ["group": .string, "version": .string, "kind": .string])
    private static let resource = ObjectType(
        name: "kubernetes.GroupVersionResource",
        fields: ["group": .string, "version": .string, "resource": .string])
    private static let user = ObjectType(
        name: "kubernetes.UserInfo",
        fields: [
            "username": .string, "uid": .string, "groups": .list(.string),
            "extra": .map(.string, .list(.string)),
        ])

    /// Reads an expression that gives one of `types`; `dyn` alone stands for anything.
    /// - Throws: why it cannot be used.
    public static func program(
        _ source: String, giving types: [CELType], in environment: Environment
    ) throws(CompilationError) -> Program {
        let program = try Program(source, in: environment)
        if types == [.dyn] { return program }
        if types.contains(where: { (try? program.require($0)) != nil }) { return program }
        try program.require(types[0])
        return program
    }

    /// What is wrong with an expression that stands at `path`.
    static func errors(
        _ source: String, giving types: [CELType], in environment: Environment, at path: FieldPath
    ) -> [FieldError] {
        // An empty one is the schema's matter.
        guard source.contains(where: { !$0.isWhitespace }) else {
            return source.isEmpty ? [] : [.required(path)]
        }
        do {
            _ = try program(source, giving: types, in: environment)
            return []
        } catch {
            return [.invalid(path, .string(source), error.description + addition(source))]
        }
    }

    private static func addition(_ source: String) -> String {
        source.contains("authorizer") ? "; this server gives expressions no authorizer" : ""
    }
}

/// The conditions of a webhook or a policy that a request must meet.
struct MatchConditionRules {
    let conditions: [JSONValue]
    let path: FieldPath

    /// As in Kubernetes: they are evaluated for each request.
    private static let countMax = 64

    var errors: [FieldError] {
        conditions.enumerated().flatMap { index, condition in
            AdmissionExpressions.errors(
                condition.text("expression"), giving: [.bool],
                in: AdmissionExpressions.conditions, at: path.index(index).child("expression"))
        } + Self.nameErrors(conditions, path)
    }

    /// What is wrong beside the expressions.
    static func nameErrors(_ conditions: [JSONValue], _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        if conditions.count > countMax {
            errors.append(.tooMany(path, count: conditions.count, countMax: countMax))
        }
        var names: Set<String> = []
        for (index, condition) in conditions.enumerated() {
            let name = condition.text("name")
            if !name.isEmpty, !names.insert(name).inserted {
                errors.append(.duplicate(path.index(index).child("name"), .string(name)))
            }
        }
        return errors
    }
}
