// Ingresses: where requests from outside go.

import APIModel
import JSON

struct IngressStrategy: Strategy {
    private static let classAnnotation = "kubernetes.io/ingress.class"

    func validate(_ object: JSONValue) -> [FieldError] {
        IngressRules(spec: object["spec"] ?? .null).errors
    }

    /// Two members that say who carries out the rules, of which older objects have both.
    func validateCreate(_ object: JSONValue) -> [FieldError] {
        let annotations = object[path: "metadata", "annotations"] ?? .null
        guard annotations.has(Self.classAnnotation),
            object["spec"]?.has("ingressClassName") == true
        else { return [] }
        return [
            .invalid(
                FieldPath("metadata", "annotations").child(Self.classAnnotation),
                annotations[Self.classAnnotation],
                "can not be set when the class field is also set")
        ]
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        let spec = object["spec"] ?? .null
        switch name {
        case "ingressClass": return CommonCells.textOrNone(spec["ingressClassName"])
        case "ingressHosts":
            let hosts = spec.list("rules").map { $0.text("host") }.filter { !$0.isEmpty }
            return hosts.isEmpty ? "*" : CommonCells.shortened(hosts)
        case "ingressAddress":
            let points = object[path: "status", "loadBalancer"]?.list("ingress") ?? []
            let addresses = points.map { $0.isFilled("ip") ? $0.text("ip") : $0.text("hostname") }
            return .string(addresses.filter { !$0.isEmpty }.joined(separator: ","))
        case "ingressPorts": return spec.isFilled("tls") ? "80, 443" : "80"
        default: return nil
        }
    }
}

/// What makes an Ingress invalid beyond its schema.
struct IngressRules {
    let spec: JSONValue
    private let path = FieldPath("spec")

    init(spec: JSONValue) { self.spec = spec }

    var errors: [FieldError] {
        var errors: [FieldError] = []
        if !spec.isFilled("rules"), !spec.has("defaultBackend") {
            errors.append(
                .invalid(path, spec, "either `defaultBackend` or `rules` must be specified"))
        }
        if let backend = spec["defaultBackend"], !backend.isNull {
            errors += backendErrors(backend, path.child("defaultBackend"))
        }
        for (index, entry) in spec.list("tls").enumerated() {
            for (place, host) in entry.list("hosts").enumerated() {
                errors += hostErrors(
                    host, path.child("tls").index(index).child("hosts").index(place))
            }
        }
        for (index, rule) in spec.list("rules").enumerated() {
            errors += ruleErrors(rule, path.child("rules").index(index))
        }
        return errors
    }

    private func ruleErrors(_ rule: JSONValue, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        if let host = rule["host"], rule.isFilled("host") {
            errors += hostErrors(host, path.child("host"))
        }
        let paths = rule["http"]?.list("paths") ?? []
        for (index, entry) in paths.enumerated() {
            let place = path.child("http").child("paths").index(index)
            errors += pathErrors(entry, place)
            errors += backendErrors(entry["backend"] ?? .null, place.child("backend"))
        }
        return errors
    }

    private func hostErrors(_ value: JSONValue, _ path: FieldPath) -> [FieldError] {
        let host = value.string ?? ""
        if IPAddress(host) != nil {
            return [.invalid(path, value, "must be a DNS name, not an IP address")]
        }
        let checked = host.hasPrefix("*.") ? String(host.dropFirst(2)) : host
        return ValueFormat.dns1123Subdomain.check(checked).map { .invalid(path, value, $0) }
    }

    private static let forbiddenParts = ["//", "/./", "/../", "%2f", "%2F"]
    private static let forbiddenEnds = ["/..", "/."]

    private func pathErrors(_ entry: JSONValue, _ path: FieldPath) -> [FieldError] {
        let (place, value) = (path.child("path"), entry.text("path"))
        switch entry.text("pathType") {
        case "Exact", "Prefix":
            if !value.hasPrefix("/") {
                return [.invalid(place, .string(value), "must be an absolute path")]
            }
            let parts = Self.forbiddenParts.filter(value.contains).map {
                FieldError.invalid(place, .string(value), "must not contain '\($0)'")
            }
            let ends = Self.forbiddenEnds.filter(value.hasSuffix).map {
                FieldError.invalid(place, .string(value), "cannot end with '\($0)'")
            }
            return parts + ends
        case "ImplementationSpecific":
            return value.isEmpty || value.hasPrefix("/")
                ? [] : [.invalid(place, .string(value), "must be an absolute path")]
        default: return []
        }
    }

    private func backendErrors(_ backend: JSONValue, _ path: FieldPath) -> [FieldError] {
        switch (backend.has("service"), backend.has("resource")) {
        case (true, true):
            return [.invalid(path, "", "cannot set both resource and service backends")]
        case (false, false):
            return [.required(path, "port name or number is required")]
        case (false, true): return []
        case (true, false): break
        }
        let port = backend[path: "service", "port"] ?? .null
        let place = path.child("service").child("port")
        let (hasName, hasNumber) = (port.isFilled("name"), (port["number"]?.int ?? 0) != 0)
        switch (hasName, hasNumber) {
        case (true, true): return [.invalid(path, "", "cannot set both port name & port number")]
        case (false, false): return [.required(path, "port name or number is required")]
        case (true, false): return []
        case (false, true):
            let number = port["number"]?.int ?? 0
            return (1...65535).contains(number)
                ? []
                : [
                    .invalid(
                        place.child("number"), port["number"],
                        "must be between 1 and 65535, inclusive")
                ]
        }
    }
}

/// Kinds of ingress controllers.
struct IngressClassStrategy: Strategy {
    func validate(_ object: JSONValue) -> [FieldError] {
        let spec = object["spec"] ?? .null
        var errors: [FieldError] = []
        if let controller = spec["controller"]?.string, !controller.isEmpty {
            errors += DomainPath.problems(of: controller).map {
                .invalid(FieldPath("spec", "controller"), .string(controller), $0)
            }
        }
        return errors + parameterErrors(spec["parameters"] ?? .null)
    }

    private func parameterErrors(_ parameters: JSONValue) -> [FieldError] {
        let place = FieldPath("spec", "parameters", "namespace")
        switch (parameters.text("scope"), parameters.isFilled("namespace")) {
        case ("Namespace", false):
            return [
                .required(
                    place, "`parameters.scope` is set to 'Namespace'")
            ]
        case ("Cluster", true):
            return [
                .forbidden(
                    place, "`parameters.scope` is set to 'Cluster'")
            ]
        default: return []
        }
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        guard name == "ingressParameters" else { return nil }
        guard let parameters = object[path: "spec", "parameters"], !parameters.isNull else {
            return CommonCells.none
        }
        let kind = GroupKind(group: parameters.text("apiGroup"), kind: parameters.text("kind"))
        return .string("\(kind)/\(parameters.text("name"))")
    }
}
