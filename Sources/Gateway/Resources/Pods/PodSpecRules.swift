// What makes a pod's spec invalid beyond its schema. The same rules hold in templates.

import APIModel
import JSON

struct PodSpecRules {
    let spec: JSONValue
    let path: FieldPath
    /// Whether somebody may have looked into the pod already.
    var mayHaveEphemeralContainers = false

    var errors: [FieldError] {
        let volumes = PodVolumes(spec.list("volumes"), path.child("volumes"))
        var errors = volumes.errors
        errors += containerErrors(volumes) + nameErrors + hostPortErrors
        if !mayHaveEphemeralContainers { errors += EphemeralContainers.creationErrors(spec, path) }
        errors += tolerationErrors + dnsErrors
        if let affinity = spec["affinity"] {
            errors += AffinityRules.errors(affinity, path.child("affinity"))
        }
        return errors
    }

    private func containerErrors(_ volumes: PodVolumes) -> [FieldError] {
        let isOnHostNetwork = spec["hostNetwork"]?.bool == true
        return ["containers", "initContainers"].flatMap { list in
            spec.list(list).enumerated().flatMap { index, container in
                ContainerRules(
                    container: container, path: path.child(list).index(index),
                    kind: list == "containers" ? .main : .initial,
                    surroundings: .init(volumes: volumes, isOnHostNetwork: isOnHostNetwork)
                ).errors
            }
        }
    }

    /// Names are unique among all containers; within one list the schema sees to that.
    private var nameErrors: [FieldError] {
        let main = Set(spec.list("containers").map { $0.text("name") })
        return spec.list("initContainers").enumerated().compactMap { index, container in
            let name = container.text("name")
            guard !name.isEmpty, main.contains(name) else { return nil }
            let path = path.child("initContainers").index(index).child("name")
            return .duplicate(path, .string(name))
        }
    }

    private var hostPortErrors: [FieldError] {
        var seen: Set<String> = []
        var errors: [FieldError] = []
        for (index, container) in spec.list("containers").enumerated() {
            for (place, port) in container.list("ports").enumerated() {
                guard let number = port["hostPort"]?.int, number != 0 else { continue }
                let key = "\(port.text("protocol"))/\(port.text("hostIP"))/\(number)"
                guard !seen.insert(key).inserted else { continue }
                let path = path.child("containers").index(index).child("ports").index(place)
                errors.append(.duplicate(path.child("hostPort"), .string(key)))
            }
        }
        return errors
    }

    private var tolerationErrors: [FieldError] {
        spec.list("tolerations").enumerated().flatMap { index, toleration in
            errors(inToleration: toleration, path.child("tolerations").index(index))
        }
    }

    private func errors(inToleration toleration: JSONValue, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        let `operator` = toleration.text("operator")
        if toleration.text("key").isEmpty, `operator` != "Exists" {
            errors.append(
                .invalid(
                    path.child("operator"), .string(`operator`),
                    "operator must be Exists when `key` is empty, which means \"match all values "
                        + "and "
                        + "all keys\""))
        }
        let effect = toleration.text("effect")
        if toleration.has("tolerationSeconds"), effect != "NoExecute" {
            errors.append(
                .invalid(
                    path.child("effect"), .string(effect),
                    "effect must be 'NoExecute' when `tolerationSeconds` is set"))
        }
        let value = toleration.text("value")
        if `operator` == "Exists", !value.isEmpty {
            errors.append(
                .invalid(
                    path.child("operator"), .string(value),
                    "value must be empty when `operator` is 'Exists'"))
        }
        return errors
    }

    private var dnsErrors: [FieldError] {
        guard spec.text("dnsPolicy") == "None" else { return [] }
        let path = path.child("dnsConfig")
        guard let config = spec["dnsConfig"], !config.isNull else {
            return [.required(path, "must provide `dnsConfig` when `dnsPolicy` is None")]
        }
        if config.isFilled("nameservers") { return [] }
        return [
            .required(
                path.child("nameservers"),
                "must provide at least one DNS nameserver when `dnsPolicy` is None")
        ]
    }
}

/// Members of which exactly one is to be there.
enum OneOf {
    /// The members of `value` that are there, of those called `names`.
    static func present(_ value: JSONValue, _ names: [String]) -> [String] {
        names.filter(value.has)
    }
}

enum AffinityRules {
    private static let required = "requiredDuringSchedulingIgnoredDuringExecution"
    private static let preferred = "preferredDuringSchedulingIgnoredDuringExecution"

    static func errors(_ affinity: JSONValue, _ path: FieldPath) -> [FieldError] {
        let nodes = affinity["nodeAffinity"] ?? .null
        let path = path.child("nodeAffinity")
        let terms = nodes[required]?.list("nodeSelectorTerms") ?? []
        var errors = terms.enumerated().flatMap { index, term in
            self.errors(
                inTerm: term, path.child(required).child("nodeSelectorTerms").index(index))
        }
        for (index, choice) in nodes.list(preferred).enumerated() {
            errors += self.errors(
                inTerm: choice["preference"] ?? .null,
                path.child(preferred).index(index).child("preference"))
        }
        return errors
    }

    private static func errors(inTerm term: JSONValue, _ path: FieldPath) -> [FieldError] {
        ["matchExpressions", "matchFields"].flatMap { list in
            term.list(list).enumerated().compactMap { index, requirement in
                error(in: requirement, path.child(list).index(index).child("values"))
            }
        }
    }

    private static func error(in requirement: JSONValue, _ path: FieldPath) -> FieldError? {
        let count = requirement.list("values").count
        switch requirement.text("operator") {
        case "In", "NotIn":
            return count > 0
                ? nil : .required(path, "must be specified when `operator` is 'In' or 'NotIn'")
        case "Exists", "DoesNotExist":
            return count == 0
                ? nil
                : .forbidden(
                    path, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
        case "Gt", "Lt":
            return count == 1
                ? nil
                : .required(path, "must be specified single value when `operator` is 'Lt' or 'Gt'")
        default: return nil
        }
    }
}
