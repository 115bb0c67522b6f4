// StatefulSets: pods with names and claims of their own.

import APIModel
import JSON

struct StatefulSetStrategy: Strategy {
    func applyDefaults(to object: inout JSONValue) {
        Workload.applyTemplateDefaults(&object)
        object.change("spec") { spec in
            spec.change("updateStrategy") { strategy in
                guard strategy.text("type") == "RollingUpdate" else { return }
                strategy.changeOrAdd("rollingUpdate") { $0.fill("partition", 0) }
            }
            spec.changeEach("volumeClaimTemplates") { claim in
                claim.put("apiVersion", "v1")
                claim.put("kind", "PersistentVolumeClaim")
                claim.change("spec") { ClaimDefaults.apply(to: &$0) }
            }
        }
    }

    func validate(_ object: JSONValue) -> [FieldError] {
        let spec = object["spec"] ?? .null
        var errors: [FieldError] = []
        // A missing template is the schema's matter.
        if spec.has("template") {
            errors = PodTemplateRules(spec: spec, kindName: "StatefulSet")
                .errors(selector: spec["selector"])
        }
        return errors + strategyErrors(spec["updateStrategy"] ?? .null)
    }

    private func strategyErrors(_ strategy: JSONValue) -> [FieldError] {
        let path = FieldPath("spec", "updateStrategy", "rollingUpdate")
        let rolling = strategy["rollingUpdate"] ?? .null
        if strategy.text("type") == "OnDelete" {
            return rolling.isNull
                ? []
                : [
                    .invalid(
                        path, rolling, "only allowed for updateStrategy 'RollingUpdate'")
                ]
        }
        return RollingAmounts.errors(rolling["maxUnavailable"], path.child("maxUnavailable"))
    }

    func validateUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        let changeable = [
            "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
            "persistentVolumeClaimRetentionPolicy", "minReadySeconds",
        ]
        var (spec, before) = (object["spec"] ?? .null, old["spec"] ?? .null)
        for member in changeable {
            spec.put(member, nil)
            before.put(member, nil)
        }
        guard spec != before else { return [] }
        return [
            .forbidden(
                FieldPath("spec"),
                "updates to statefulset spec for fields other than 'replicas', 'ordinals', "
                    + "'template', 'updateStrategy', 'revisionHistoryLimit', "
                    + "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden")
        ]
    }

    func validateStatusUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        let bounds = [
            (member: "readyReplicas", bound: "replicas"),
            (member: "currentReplicas", bound: "replicas"),
            (member: "updatedReplicas", bound: "replicas"),
            (member: "availableReplicas", bound: "replicas"),
            (member: "availableReplicas", bound: "readyReplicas"),
        ]
        return Workload.statusErrors(object, bounds) + Workload.collisionErrors(object, old)
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        Workload.cell(name, of: object)
    }
}

/// Amounts of pods that a rolling update may touch.
enum RollingAmounts {
    /// An amount that must be more than nothing and not more than all.
    static func errors(_ value: JSONValue?, _ path: FieldPath) -> [FieldError] {
        guard let value, let amount = IntOrString(value) else { return [] }
        return isNothing(amount)
            ? [.invalid(path, value, "cannot be 0")] : tooMuch(amount, value, path)
    }

    /// An amount that must not be more than all.
    static func tooMuch(
        _ amount: IntOrString, _ value: JSONValue, _ path: FieldPath
    ) -> [FieldError] {
        guard case .string = amount,
            let percent = amount.scaled(of: Limits.percentMax, roundsUp: false),
            percent > Limits.percentMax
        else { return [] }
        return [.invalid(path, value, "must not be greater than 100%")]
    }

    static func isNothing(_ amount: IntOrString) -> Bool {
        amount.scaled(of: Limits.percentMax, roundsUp: true) == 0
    }
}
