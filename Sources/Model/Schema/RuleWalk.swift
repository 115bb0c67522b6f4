import APIModel
import CEL
import JSON

/// Asks the rules of a custom resource's schema about a value and the one that was there before.
struct RuleWalk {
    private var path: PathStack
    private(set) var errors: [FieldError] = []
    /// What is left for the whole object.
    private var remaining = CEL.Limits.costPerObjectMax

    init(_ base: FieldPath) { path = PathStack(base) }

    mutating func check(_ value: JSONValue, _ node: SchemaNode, from old: JSONValue?) {
        guard let custom = node.custom, custom.hasRules, !value.isNull else { return }
        for rule in custom.rules { check(rule, value, node, from: old) }
        switch value {
        case .object(let object):
            for member in object.members {
                guard let child = node.property(member.key)?.node ?? node.element else { continue }
                path.push(member: member.key)
                check(member.value, child, from: old?[member.key])
                path.pop()
            }
        case .array(let elements):
            guard node.shape == .array, let element = node.element else { return }
            // In a list that has not changed no element has, whatever tells them apart.
            let isUnchanged = old == value
            let correlation = old?.array.map { ListCorrelation($0, node.list) }
            for index in elements.indices {
                let before =
                    isUnchanged ? elements[index] : correlation?.old(of: elements[index])
                path.push(index: index)
                check(elements[index], element, from: before)
                path.pop()
            }
        default: break
        }
    }

    private mutating func check(
        _ rule: ValidationRule, _ value: JSONValue, _ node: SchemaNode, from old: JSONValue?
    ) {
        guard remaining > 0, old != nil || rule.holdsForNew else { return }
        // What has not changed is not refused; what depends on the change is asked all the same.
        if !rule.usesOldSelf, let old, old == value { return }
        var variables = ["self": Value(value, as: node.celType)]
        if rule.usesOldSelf {
            let oldValue = old.map { Value($0, as: node.celType) }
            variables["oldSelf"] = rule.hasOptionalOldSelf ? .optional(oldValue) : oldValue
        }
        do throws(EvaluationError) {
            let result = try evaluate(rule.program, variables)
            guard result.bool != true else { return }
            report(rule, value, message(of: rule, variables))
        } catch {
            errors.append(
                .invalid(
                    path.path, value.shape,
                    "rule evaluation error: \(error): rule: \(rule.program.source)"))
        }
    }

    private mutating func evaluate(
        _ program: Program, _ variables: [String: Value]
    ) throws(EvaluationError) -> Value {
        let granted = min(remaining, CEL.Limits.costPerEvaluationMax)
        var budget = Budget(granted)
        defer { remaining -= granted - budget.remaining }
        return try program.evaluate(variables, budget: &budget)
    }

    private mutating func message(
        of rule: ValidationRule, _ variables: [String: Value]
    ) -> String {
        if let program = rule.messageProgram,
            let text = try? evaluate(program, variables).string, !text.isEmpty,
            !text.contains(where: \.isNewline)
        {
            return text
        }
        if !rule.message.isEmpty { return rule.message }
        return "failed rule: \(rule.program.source)"
    }

    private mutating func report(_ rule: ValidationRule, _ value: JSONValue, _ message: String) {
        var place = path.path
        var shown: JSONValue? = value
        for step in rule.field?.steps ?? [] {
            switch step {
            case .member(let name):
                place = place.child(name)
                shown = shown?[name]
            case .index(let index):
                place = place.index(index)
                shown = shown?[index]
            }
        }
        errors.append(
            FieldError(kind: rule.kind, path: place, value: shown?.shape, detail: message))
    }
}
