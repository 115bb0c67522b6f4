// Deployments: how old pods make room for new ones.

import APIModel
import JSON

struct DeploymentStrategy: Strategy {
    func applyDefaults(to object: inout JSONValue) {
        Workload.applyTemplateDefaults(&object)
        object.change("spec") { spec in
            spec.change("strategy") { strategy in
                guard strategy.text("type") == "RollingUpdate" else { return }
                strategy.changeOrAdd("rollingUpdate") { rolling in
                    rolling.fill("maxUnavailable", "25%")
                    rolling.fill("maxSurge", "25%")
                }
            }
        }
    }

    func prepareForCreate(_ object: inout JSONValue, _ context: StrategyContext) {
        object.put("status", [:])
    }

    func prepareForStatusUpdate(
        _ object: inout JSONValue, from old: JSONValue, _ context: StrategyContext
    ) {
        // Annotations may change with the status, labels not.
        object.change("metadata") { $0.take("labels", from: old["metadata"] ?? .null) }
    }

    func validate(_ object: JSONValue) -> [FieldError] {
        let spec = object["spec"] ?? .null
        var errors: [FieldError] = []
        // A missing template is the schema's matter.
        if spec.has("template") {
            errors = PodTemplateRules(spec: spec, kindName: "Deployment")
                .errors(selector: spec["selector"])
        }
        errors += strategyErrors(spec["strategy"] ?? .null, FieldPath("spec", "strategy"))
        let deadline = spec["progressDeadlineSeconds"]
        if let seconds = deadline?.int, seconds <= spec["minReadySeconds"]?.int ?? 0 {
            errors.append(
                .invalid(
                    FieldPath("spec", "progressDeadlineSeconds"), deadline,
                    "must be greater than minReadySeconds"))
        }
        return errors
    }

    private func strategyErrors(_ strategy: JSONValue, _ path: FieldPath) -> [FieldError] {
        let path = path.child("rollingUpdate")
        let rolling = strategy["rollingUpdate"] ?? .null
        switch strategy.text("type") {
        case "Recreate":
            return rolling.isNull
                ? [] : [.forbidden(path, "may not be specified when strategy `type` is 'Recreate'")]
        case "RollingUpdate": return rollingErrors(rolling, path)
        default: return []
        }
    }

    private func rollingErrors(_ rolling: JSONValue, _ path: FieldPath) -> [FieldError] {
        let unavailable = rolling["maxUnavailable"].flatMap { IntOrString($0) }
        let surge = rolling["maxSurge"].flatMap { IntOrString($0) }
        var errors: [FieldError] = []
        if isZero(unavailable), isZero(surge) {
            errors.append(
                .invalid(
                    path.child("maxUnavailable"), rolling["maxUnavailable"] ?? 0,
                    "may not be 0 when `maxSurge` is 0"))
        }
        if case .string? = unavailable,
            let percent = unavailable?.scaled(of: Limits.percentMax, roundsUp: false),
            percent > Limits.percentMax
        {
            errors.append(
                .invalid(
                    path.child("maxUnavailable"), rolling["maxUnavailable"],
                    "must not be greater than 100%"))
        }
        return errors
    }

    private func isZero(_ amount: IntOrString?) -> Bool {
        guard let amount else { return true }
        return amount.scaled(of: Limits.percentMax, roundsUp: true) == 0
    }

    func validateStatusUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        let bounds = [
            (member: "updatedReplicas", bound: "replicas"),
            (member: "readyReplicas", bound: "replicas"),
            (member: "availableReplicas", bound: "replicas"),
            (member: "availableReplicas", bound: "readyReplicas"),
        ]
        return Workload.statusErrors(object, bounds) + Workload.collisionErrors(object, old)
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        Workload.cell(name, of: object)
    }
}
