// The expressions of a ValidatingAdmissionPolicy.

import APIModel
import CEL
import JSON

/// What a policy asks of requests, ready to be evaluated.
public struct PolicyPrograms: Sendable {
    /// Something that must be true.
    public struct Validation: Sendable {
        /// As the policy has it, without white space around it.
        public let expression: String
        public let program: Program
        /// Empty when the policy has none.
        public let message: String
        public let messageProgram: Program?
        /// Of the refusal; empty for the usual one.
        public let reason: String
    }

    /// Something that the audit log is told.
    public struct Annotation: Sendable {
        public let key: String
        public let expression: String
        public let program: Program
    }

    /// What requests must meet to be looked at, by name.
    public private(set) var conditions: [(name: String, program: Program)] = []
    public private(set) var variables: [String: Program] = [:]
    public private(set) var validations: [Validation] = []
    public private(set) var annotations: [Annotation] = []
    /// Why expressions cannot be used. A policy with any is refused when it is created.
    public private(set) var errors: [FieldError] = []

    /// - Parameters:
    ///   - spec: of the policy.
    ///   - path: where it stands.
    public init(_ spec: JSONValue, at path: FieldPath = FieldPath("spec")) {
        let hasParameters = spec.has("paramKind")
        func adding(_ environment: Environment) -> Environment {
            hasParameters ? environment.adding("params", .dyn) : environment
        }
        readConditions(spec, path.child("matchConditions"), adding(AdmissionExpressions.conditions))
        let environment = readVariables(
            spec, path.child("variables"), adding(AdmissionExpressions.policies))
        for (index, rule) in spec.list("validations").enumerated() {
            readValidation(rule, path.child("validations").index(index), environment)
        }
        for (index, annotation) in spec.list("auditAnnotations").enumerated() {
            readAnnotation(annotation, path.child("auditAnnotations").index(index), environment)
        }
    }

    private mutating func readConditions(
        _ spec: JSONValue, _ path: FieldPath, _ environment: Environment
    ) {
        for (index, condition) in spec.list("matchConditions").enumerated() {
            let place = path.index(index).child("expression")
            guard
                let program = program(condition.text("expression"), [.bool], environment, place)
            else { continue }
            conditions.append((condition.text("name"), program))
        }
    }

    /// - Returns: what the other expressions may speak of.
    private mutating func readVariables(
        _ spec: JSONValue, _ path: FieldPath, _ environment: Environment
    ) -> Environment {
        func environmentNow() -> Environment {
            environment.adding("variables", ComputedVariables("variables", variables).type)
        }
        for (index, variable) in spec.list("variables").enumerated() {
            let place = path.index(index)
            let name = variable.text("name")
            if variables[name] != nil {
                errors.append(.duplicate(place.child("name"), .string(name)))
                continue
            }
            variables[name] = program(
                variable.text("expression"), [.dyn], environmentNow(), place.child("expression"))
        }
        return environmentNow()
    }

    private mutating func readValidation(
        _ rule: JSONValue, _ path: FieldPath, _ environment: Environment
    ) {
        let source = rule.text("expression")
        let program = program(source, [.bool], environment, path.child("expression"))
        var messageProgram: Program?
        if rule.isFilled("messageExpression") {
            messageProgram = self.program(
                rule.text("messageExpression"), [.string], environment,
                path.child("messageExpression"))
        }
        guard let program else { return }
        validations.append(
            Validation(
                expression: source.trimmingSpace, program: program,
                message: rule.text("message").trimmingSpace, messageProgram: messageProgram,
                reason: rule.text("reason")))
    }

    private mutating func readAnnotation(
        _ annotation: JSONValue, _ path: FieldPath, _ environment: Environment
    ) {
        let source = annotation.text("valueExpression")
        let types: [CELType] = [.string, .null]
        guard
            let program = program(source, types, environment, path.child("valueExpression"))
        else { return }
        annotations.append(
            Annotation(key: annotation.text("key"), expression: source, program: program))
    }

    /// - Parameter types: what it may give; `dyn` alone stands for anything.
    private mutating func program(
        _ source: String, _ types: [CELType], _ environment: Environment, _ path: FieldPath
    ) -> Program? {
        let found = AdmissionExpressions.errors(
            source, giving: types, in: environment, at: path)
        errors += found
        guard found.isEmpty else { return nil }
        return try? AdmissionExpressions.program(source, giving: types, in: environment)
    }
}

extension String {
    /// Without white space at both ends.
    package var trimmingSpace: String {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
