// APIServices: who serves which group and version.

import APIModel
import JSON

struct APIServiceStrategy: Strategy {
    func validate(_ object: JSONValue) -> [FieldError] {
        let (spec, path) = (object["spec"] ?? .null, FieldPath("spec"))
        let (group, version) = (spec.text("group"), spec.text("version"))
        var errors = nameErrors(object, "\(version).\(group)")
        if version.isEmpty {
            errors.append(.required(path.child("version")))
        } else {
            errors += ValueFormat.dns1035Label.check(version).map {
                .invalid(path.child("version"), .string(version), $0)
            }
        }
        if !group.isEmpty {
            errors += ValueFormat.dns1123Subdomain.check(group).map {
                .invalid(path.child("group"), .string(group), $0)
            }
        }
        return errors + trustErrors(spec, path)
    }

    private func nameErrors(_ object: JSONValue, _ expected: String) -> [FieldError] {
        let name = ObjectMeta(of: object).name
        guard name != expected else { return [] }
        return [
            .invalid(
                FieldPath("metadata", "name"), .string(name),
                "must be `spec.version+\".\"+spec.group`: \(expected.quoted)")
        ]
    }

    private func trustErrors(_ spec: JSONValue, _ path: FieldPath) -> [FieldError] {
        let isInsecure = spec["insecureSkipTLSVerify"]?.bool == true
        if !spec.has("service") {
            let member = isInsecure ? "insecureSkipTLSVerify" : "caBundle"
            guard isInsecure || spec.isFilled("caBundle") else { return [] }
            return [
                .invalid(
                    path.child(member), isInsecure ? true : "",
                    "local APIServices may not have \(member)")
            ]
        }
        guard isInsecure, spec.isFilled("caBundle") else { return [] }
        return [
            .invalid(
                path.child("insecureSkipTLSVerify"), true,
                "may not be true if caBundle is present")
        ]
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        switch name {
        case "serviceName":
            guard let service = object[path: "spec", "service"], !service.isNull else {
                return "Local"
            }
            return .string("\(service.text("namespace"))/\(service.text("name"))")
        case "serviceAvailability":
            let conditions = object["status"]?.list("conditions") ?? []
            guard let available = conditions.first(where: { $0.text("type") == "Available" }) else {
                return "Unknown"
            }
            let (status, reason) = (available.text("status"), available.text("reason"))
            return .string(status == "True" ? status : "\(status) (\(reason))")
        default: return nil
        }
    }
}

/// Ways to run containers.
struct RuntimeClassStrategy: Strategy {
    func validate(_ object: JSONValue) -> [FieldError] {
        let amounts = object["overhead"]?.entries("podFixed") ?? [:]
        let selector = object["scheduling"]?.entries("nodeSelector") ?? [:]
        let path = FieldPath("overhead", "podFixed")
        let errors = amounts.compactMap { name, value -> FieldError? in
            let amount = value.string.flatMap { try? Quantity($0) }
            return amount?.isNegative == true
                ? .invalid(path.key(name), value, "must be greater than or equal to 0") : nil
        }
        return errors
            + ObjectMetaRules.labelErrors(
                selector.map { (key: $0.key, value: $0.value.string ?? "") },
                FieldPath("scheduling", "nodeSelector"))
    }
}
