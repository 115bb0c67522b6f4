// DaemonSets: one pod on each node.

import APIModel
import JSON

struct DaemonSetStrategy: Strategy {
    /// Counts the templates, as kinds did before the generation counted everything.
    static let generationAnnotation = "deprecated.daemonset.template.generation"

    func applyDefaults(to object: inout JSONValue) {
        Workload.applyTemplateDefaults(&object)
        object.change("spec") { spec in
            spec.change("updateStrategy") { strategy in
                guard strategy.text("type") == "RollingUpdate" else { return }
                strategy.changeOrAdd("rollingUpdate") { rolling in
                    rolling.fill("maxUnavailable", 1)
                    rolling.fill("maxSurge", 0)
                }
            }
        }
    }

    func prepareForCreate(_ object: inout JSONValue, _ context: StrategyContext) {
        count(1, in: &object)
    }

    func prepareForUpdate(
        _ object: inout JSONValue, from old: JSONValue, _ context: StrategyContext
    ) {
        let text = old[path: "metadata", "annotations", Self.generationAnnotation]?.string
        let number = text.flatMap { Int64($0) } ?? 0
        let isOther = object[path: "spec", "template"] != old[path: "spec", "template"]
        count(isOther ? number + 1 : number, in: &object)
    }

    private func count(_ number: Int64, in object: inout JSONValue) {
        object.change("metadata") { metadata in
            metadata.changeOrAdd("annotations") {
                $0.put(Self.generationAnnotation, .string("\(number)"))
            }
        }
    }

    func validate(_ object: JSONValue) -> [FieldError] {
        let spec = object["spec"] ?? .null
        var errors: [FieldError] = []
        // A missing template is the schema's matter.
        if spec.has("template") {
            errors = PodTemplateRules(spec: spec, kindName: "DaemonSet")
                .errors(selector: spec["selector"])
        }
        return errors + strategyErrors(spec["updateStrategy"] ?? .null)
    }

    private func strategyErrors(_ strategy: JSONValue) -> [FieldError] {
        guard strategy.text("type") == "RollingUpdate" else { return [] }
        let path = FieldPath("spec", "updateStrategy", "rollingUpdate")
        let rolling = strategy["rollingUpdate"] ?? .null
        let (unavailable, surge) = (rolling["maxUnavailable"] ?? 0, rolling["maxSurge"] ?? 0)
        guard let missing = IntOrString(unavailable), let more = IntOrString(surge) else {
            return []
        }
        var errors = RollingAmounts.tooMuch(missing, unavailable, path.child("maxUnavailable"))
        errors += RollingAmounts.tooMuch(more, surge, path.child("maxSurge"))
        switch (RollingAmounts.isNothing(missing), RollingAmounts.isNothing(more)) {
        case (true, true):
            errors.append(
                .required(path.child("maxUnavailable"), "cannot be 0 when maxSurge is 0"))
        case (false, false):
            errors.append(
                .invalid(
                    path.child("maxSurge"), surge,
                    "may not be set when maxUnavailable is non-zero"))
        default: break
        }
        return errors
    }

    func validateStatusUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        Workload.collisionErrors(object, old)
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        guard name == "nodeSelector" else { return Workload.cell(name, of: object) }
        return CommonCells.labels(object[path: "spec", "template", "spec", "nodeSelector"])
    }
}

/// States of templates, for going back to.
struct ControllerRevisionStrategy: Strategy {
    func validate(_ object: JSONValue) -> [FieldError] {
        object.has("data") ? [] : [.required(FieldPath("data"), "data is mandatory")]
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        guard name == "controller" else { return nil }
        guard let owner = ObjectMeta(of: object).ownerReferences.first(where: \.isController),
            let version = GroupVersion(owner.apiVersion)
        else { return CommonCells.none }
        let kind = GroupKind(group: version.group, kind: owner.kind.lowercased())
        return .string("\(kind)/\(owner.name)")
    }
}
