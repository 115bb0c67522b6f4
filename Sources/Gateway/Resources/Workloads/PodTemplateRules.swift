// What objects that make pods from a template have in common.

import APIModel
import JSON

/// How long the pods of a template are to run.
enum PodLife {
    /// For good: the controller sees to that.
    case lasting
    /// Until their work is done.
    case ending
}

/// The rules of a template and of the selector that finds its pods again.
struct PodTemplateRules {
    /// The `spec` that has the selector and the template.
    let spec: JSONValue
    /// What the messages call the kind.
    let kindName: String
    private let life: PodLife
    private let path: FieldPath

    init(
        spec: JSONValue, kindName: String, life: PodLife = .lasting,
        path: FieldPath = FieldPath("spec")
    ) {
        self.spec = spec
        self.kindName = kindName
        self.life = life
        self.path = path
    }

    /// Rules of a selector that is a LabelSelector object.
    func errors(selector: JSONValue?) -> [FieldError] {
        guard let selector, !selector.isNull else {
            // The schema says that it is required.
            return templateErrors(selects: nil)
        }
        let selectorPath = path.child("selector")
        var errors = expressionErrors(selector, selectorPath)
        if !selector.isFilled("matchLabels"), !selector.isFilled("matchExpressions") {
            errors.append(
                .invalid(
                    selectorPath, selector,
                    "empty selector is invalid for \(kindName.lowercased())"))
        }
        guard errors.isEmpty, let parsed = try? LabelSelector(object: selector) else {
            return errors + templateErrors(selects: nil)
        }
        return templateErrors { parsed.matches($0) }
    }

    /// Rules of a selector that is a map of labels.
    func errors(selectorMap: JSONObject) -> [FieldError] {
        if selectorMap.isEmpty {
            return [.required(path.child("selector"))] + templateErrors(selects: nil)
        }
        return templateErrors { labels in
            selectorMap.allSatisfy { entry in
                labels.contains { $0.key == entry.key && .string($0.value) == entry.value }
            }
        }
    }

    private func templateErrors(
        selects: (([(key: String, value: String)]) -> Bool)?
    ) -> [FieldError] {
        let path = path.child("template")
        guard let template = spec["template"], !template.isNull else {
            return [.required(path)]
        }
        let meta = ObjectMeta(of: template)
        let labelsPath = path.child("metadata").child("labels")
        var errors: [FieldError] = []
        if let selects, !selects(meta.labels) {
            errors.append(
                .invalid(
                    labelsPath, template[path: "metadata", "labels"] ?? [:],
                    "`selector` does not match template `labels`"))
        }
        errors += ObjectMetaRules.labelErrors(meta.labels, labelsPath)
        let pod = template["spec"] ?? .null
        errors += PodSpecRules(spec: pod, path: path.child("spec")).errors
        return errors
            + (life == .lasting
                ? lastingErrors(pod, path.child("spec")) : endingErrors(pod, path.child("spec")))
    }

    /// Pods that end, and no others.
    private func endingErrors(_ pod: JSONValue, _ path: FieldPath) -> [FieldError] {
        guard pod.text("restartPolicy") == "Always" else { return [] }
        return [
            .required(path.child("restartPolicy"), "valid values: \"OnFailure\", \"Never\"")
        ]
    }

    /// Pods that are to go on running, and no others.
    private func lastingErrors(_ pod: JSONValue, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        let policy = pod.text("restartPolicy")
        // A policy that no pod may have is the schema's matter.
        if policy == "OnFailure" || policy == "Never" {
            errors.append(
                .notSupported(
                    path.child("restartPolicy"), .string(policy), supported: ["Always"]))
        }
        if pod.has("activeDeadlineSeconds") {
            errors.append(
                .forbidden(
                    path.child("activeDeadlineSeconds"),
                    "activeDeadlineSeconds in \(kindName) is not Supported"))
        }
        return errors
    }

    private func expressionErrors(_ selector: JSONValue, _ path: FieldPath) -> [FieldError] {
        selector.list("matchExpressions").enumerated().compactMap { index, expression in
            let path = path.child("matchExpressions").index(index).child("values")
            let hasValues = expression.isFilled("values")
            switch expression.text("operator") {
            case "In", "NotIn":
                return hasValues
                    ? nil : .required(path, "must be specified when `operator` is 'In' or 'NotIn'")
            case "Exists", "DoesNotExist":
                return hasValues
                    ? .forbidden(
                        path, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
                    : nil
            default: return nil
            }
        }
    }
}

/// What the kinds that make pods show and count alike.
enum Workload {
    static func applyTemplateDefaults(_ object: inout JSONValue) {
        object.change("spec") { spec in
            spec.change("template") { template in
                template.change("spec") { PodSpecDefaults.apply(toSpec: &$0) }
            }
        }
    }

    /// Counts of the status that may not be more than another one.
    static func statusErrors(
        _ object: JSONValue, _ bounds: [(member: String, bound: String)]
    ) -> [FieldError] {
        let status = object["status"] ?? .null
        return bounds.compactMap { member, bound in
            guard let count = status[member]?.int, count > status[bound]?.int ?? 0 else {
                return nil
            }
            let name = bound == "replicas" ? "status.replicas" : bound
            return .invalid(
                FieldPath("status", member), .int(count), "cannot be greater than \(name)")
        }
    }

    /// A count of collisions only grows.
    static func collisionErrors(_ object: JSONValue, _ old: JSONValue) -> [FieldError] {
        let count = object[path: "status", "collisionCount"]
        guard let before = old[path: "status", "collisionCount"]?.int, count?.int ?? 0 < before
        else { return [] }
        return [
            .invalid(FieldPath("status", "collisionCount"), count ?? 0, "cannot be decremented")
        ]
    }

    static let replicaBounds = [
        (member: "fullyLabeledReplicas", bound: "replicas"),
        (member: "readyReplicas", bound: "replicas"),
        (member: "availableReplicas", bound: "replicas"),
        (member: "availableReplicas", bound: "readyReplicas"),
    ]

    static func cell(_ name: String, of object: JSONValue) -> JSONValue? {
        let containers = template(of: object)["spec"]?.list("containers") ?? []
        return switch name {
        case "deploymentReady":
            .string(
                "\(CommonCells.count(object, "readyReplicas"))/"
                    + "\(object[path: "spec", "replicas"]?.int ?? 0)")
        case "statusReplicas": CommonCells.count(object, "replicas")
        case "readyReplicas": CommonCells.count(object, "readyReplicas")
        case "updatedReplicas": CommonCells.count(object, "updatedReplicas")
        case "availableReplicas": CommonCells.count(object, "availableReplicas")
        case "templateContainers":
            .string(containers.map { $0.text("name") }.joined(separator: ","))
        case "templateImages": .string(containers.map { $0.text("image") }.joined(separator: ","))
        case "mapSelector": CommonCells.labels(object[path: "spec", "selector"])
        case "labelSelector": selector(object[path: "spec", "selector"])
        default: nil
        }
    }

    /// The pattern of the pods, wherever the kind has it.
    private static func template(of object: JSONValue) -> JSONValue {
        object[path: "spec", "template"]
            ?? object[path: "spec", "jobTemplate", "spec", "template"] ?? .null
    }

    /// A LabelSelector object as text.
    static func selector(_ selector: JSONValue?) -> JSONValue {
        do {
            let text = try LabelSelector(object: selector).description
            return text.isEmpty ? CommonCells.none : .string(text)
        } catch {
            return "<error>"
        }
    }
}
