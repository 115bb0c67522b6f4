// Rules in CEL that requests must keep to, and their bindings.

import APIModel
import JSON

struct PolicyStrategy: Strategy {
    private static let reasons = ["Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"]

    func validate(_ object: JSONValue) -> [FieldError] {
        let (spec, path) = (object["spec"] ?? .null, FieldPath("spec"))
        var errors: [FieldError] = []
        if !spec.isFilled("validations"), !spec.isFilled("auditAnnotations") {
            let problem = "validations or auditAnnotations must be non-empty"
            errors.append(.required(path.child("validations"), problem))
            errors.append(.required(path.child("auditAnnotations"), problem))
        }
        for (index, rule) in spec.list("validations").enumerated() {
            errors += ruleErrors(rule, path.child("validations").index(index))
        }
        var keys: Set<String> = []
        for (index, annotation) in spec.list("auditAnnotations").enumerated() {
            let (place, key) = (path.child("auditAnnotations").index(index), annotation.text("key"))
            errors += ValueFormat.qualifiedName.check("\(ObjectMeta(of: object).name)/\(key)").map {
                .invalid(
                    place.child("key"), .string(key),
                    "Audit annotation key must be a qualified name. \($0)")
            }
            if !keys.insert(key).inserted {
                errors.append(.duplicate(place.child("key"), .string(key)))
            }
        }
        for (index, variable) in spec.list("variables").enumerated() {
            errors += nameErrors(variable, path.child("variables").index(index).child("name"))
        }
        let match = spec["matchConstraints"] ?? .null
        if !match.isNull, !match.isFilled("resourceRules") {
            errors.append(.required(path.child("matchConstraints").child("resourceRules")))
        }
        return errors + MatchRules.errors(match, path.child("matchConstraints"))
            + MatchConditionRules.nameErrors(
                spec.list("matchConditions"), path.child("matchConditions"))
            + PolicyPrograms(spec, at: path).errors
    }

    private func ruleErrors(_ rule: JSONValue, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        let (message, expression) = (rule.text("message"), rule.text("messageExpression"))
        if message.contains("\n") || message.contains("\r") {
            errors.append(
                .invalid(
                    path.child("message"), .string(message), "message must not contain line breaks")
            )
        }
        let text = rule.text("expression")
        if message.isEmpty, expression.isEmpty, text.contains("\n") {
            errors.append(
                .required(
                    path.child("message"),
                    "message must be specified if expression contains line breaks"))
        }
        if let reason = rule["reason"], !reason.isNull,
            !Self.reasons.contains(reason.string ?? "")
        {
            errors.append(.notSupported(path.child("reason"), reason, supported: Self.reasons))
        }
        return errors
    }

    /// A name that an expression can use.
    private func nameErrors(_ variable: JSONValue, _ path: FieldPath) -> [FieldError] {
        let name = variable.text("name")
        let isFine = name.utf8.enumerated().allSatisfy { index, byte in
            let isLetter = UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
            let isDigit = UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
            return isLetter || byte == UInt8(ascii: "_") || isDigit && index > 0
        }
        return isFine
            ? [] : [.invalid(path, .string(name), "name is not a valid CEL identifier")]
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        let spec = object["spec"] ?? .null
        switch name {
        case "validations": return .int(spec.list("validations").count)
        case "paramKind":
            guard let kind = spec["paramKind"], !kind.isNull else { return CommonCells.unset }
            return .string("\(kind.text("apiVersion"))/\(kind.text("kind"))")
        default: return nil
        }
    }
}

struct PolicyBindingStrategy: Strategy {
    func validate(_ object: JSONValue) -> [FieldError] {
        let (spec, path) = (object["spec"] ?? .null, FieldPath("spec"))
        var errors = MatchRules.errors(
            spec["matchResources"] ?? .null, path.child("matchResources"))
        let actions = spec.list("validationActions")
        if actions.contains("Deny"), actions.contains("Warn") {
            errors.append(
                .invalid(
                    path.child("validationActions"), .array(actions),
                    "must not contain both Deny and Warn (repeating the same validation failure "
                        + "information in the API response and headers serves no purpose)"))
        }
        guard let parameters = spec["paramRef"], !parameters.isNull else { return errors }
        let place = path.child("paramRef")
        switch (parameters.isFilled("name"), parameters.has("selector")) {
        case (true, true):
            errors.append(
                .forbidden(place.child("name"), "name and selector are mutually exclusive"))
        case (false, false):
            errors.append(.required(place, "one of name or selector must be specified"))
        case (false, true):
            errors += LabelSelector.errors(
                inObject: parameters["selector"] ?? .null, at: place.child("selector"))
        case (true, false): break
        }
        return errors
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        guard name == "paramReference" else { return nil }
        guard let parameters = object[path: "spec", "paramRef"], !parameters.isNull else {
            return CommonCells.unset
        }
        let (namespace, own) = (parameters.text("namespace"), parameters.text("name"))
        if own.isEmpty { return Workload.selector(parameters["selector"]) }
        return .string(namespace.isEmpty ? "*/\(own)" : "\(namespace)/\(own)")
    }
}

/// Requests by what they are about.
private enum MatchRules {
    static func errors(_ match: JSONValue, _ path: FieldPath) -> [FieldError] {
        let lists = ["resourceRules", "excludeResourceRules"].flatMap { list in
            match.list(list).enumerated().flatMap { index, rule in
                RequestRules(rule: rule, path: path.child(list).index(index)).errors
            }
        }
        let selectors = ["namespaceSelector", "objectSelector"].flatMap { member in
            match[member].map { LabelSelector.errors(inObject: $0, at: path.child(member)) } ?? []
        }
        return lists + selectors
    }
}
