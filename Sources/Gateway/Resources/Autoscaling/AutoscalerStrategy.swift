// HorizontalPodAutoscalers: replicas that follow the load.

import APIModel
import JSON

struct AutoscalerStrategy: Strategy {
    func applyDefaults(to object: inout JSONValue) {
        object.change("spec") { spec in
            if !spec.isFilled("metrics") { spec.put("metrics", [Self.cpu(percent: 80)]) }
            spec.change("behavior") { behavior in
                behavior.changeOrAdd("scaleUp", ScalingRules.fillUp)
                behavior.changeOrAdd("scaleDown", ScalingRules.fillDown)
            }
        }
    }

    /// The use of CPU, as a measurement.
    static func cpu(percent: Int64) -> JSONValue {
        [
            "type": "Resource",
            "resource": [
                "name": "cpu",
                "target": ["type": "Utilization", "averageUtilization": .int(percent)],
            ],
        ]
    }

    func validate(_ object: JSONValue) -> [FieldError] {
        let (spec, path) = (object["spec"] ?? .null, FieldPath("spec"))
        var errors: [FieldError] = []
        let (least, most) = (spec["minReplicas"]?.int ?? 1, spec["maxReplicas"]?.int ?? 1)
        if least < 1 {
            errors.append(
                .invalid(
                    path.child("minReplicas"), .int(least), "must be greater than or equal to 1"))
        }
        if most < 1 {
            errors.append(
                .invalid(path.child("maxReplicas"), .int(most), "must be greater than 0"))
        }
        if most < least {
            errors.append(
                .invalid(
                    path.child("maxReplicas"), .int(most),
                    "must be greater than or equal to `minReplicas`"))
        }
        errors += targetErrors(spec["scaleTargetRef"] ?? .null, path.child("scaleTargetRef"))
        for (index, metric) in spec.list("metrics").enumerated() {
            errors += MetricRules(metric: metric, path: path.child("metrics").index(index)).errors
        }
        for direction in ["scaleUp", "scaleDown"] {
            errors += ScalingRules.errors(
                spec[path: "behavior", direction] ?? .null,
                path.child("behavior").child(direction))
        }
        return errors
    }

    private func targetErrors(_ target: JSONValue, _ path: FieldPath) -> [FieldError] {
        ["kind", "name"].flatMap { member in
            ValueFormat.pathSegmentName.check(target.text(member)).map {
                FieldError.invalid(path.child(member), target[member], $0)
            }
        }
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        let spec = object["spec"] ?? .null
        switch name {
        case "hpaReference":
            let target = spec["scaleTargetRef"] ?? .null
            return .string("\(target.text("kind"))/\(target.text("name"))")
        case "hpaTargets": return MetricCells.targets(object)
        case "hpaMinimum":
            return spec["minReplicas"]?.int.map { .string("\($0)") } ?? CommonCells.unset
        default: return nil
        }
    }
}

/// How fast the number of replicas may change in one direction.
enum ScalingRules {
    static func fillUp(_ rules: inout JSONValue) {
        rules.fill("stabilizationWindowSeconds", 0)
        rules.fill("selectPolicy", "Max")
        if !rules.isFilled("policies") {
            rules.put("policies", [policy("Pods", 4), policy("Percent", 100)])
        }
    }

    static func fillDown(_ rules: inout JSONValue) {
        rules.fill("selectPolicy", "Max")
        if !rules.isFilled("policies") { rules.put("policies", [policy("Percent", 100)]) }
    }

    private static func policy(_ type: String, _ value: Int64) -> JSONValue {
        ["type": .string(type), "value": .int(value), "periodSeconds": 15]
    }

    static func errors(_ rules: JSONValue, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        if let window = rules["stabilizationWindowSeconds"]?.int,
            !(0...Limits.stabilizationSecondsMax).contains(window)
        {
            errors.append(
                .invalid(
                    path.child("stabilizationWindowSeconds"), .int(window),
                    window < 0
                        ? "must be greater than or equal to zero"
                        : "must be less than or equal to \(Limits.stabilizationSecondsMax)"))
        }
        let tolerance = rules["tolerance"]?.string.flatMap { try? Quantity($0) }
        if tolerance?.isNegative == true {
            errors.append(
                .invalid(
                    path.child("tolerance"), rules["tolerance"],
                    "must be greater than or equal to 0"))
        }
        for (index, policy) in rules.list("policies").enumerated() {
            errors += policyErrors(policy, path.child("policies").index(index))
        }
        return errors
    }

    private static func policyErrors(_ policy: JSONValue, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        for member in ["value", "periodSeconds"] {
            guard let number = policy[member]?.int, number <= 0 else { continue }
            errors.append(
                .invalid(path.child(member), .int(number), "must be greater than zero"))
        }
        let period = policy["periodSeconds"]?.int ?? 0
        if period > Limits.scalingPeriodSecondsMax {
            errors.append(
                .invalid(
                    path.child("periodSeconds"), .int(period),
                    "must be less than or equal to \(Limits.scalingPeriodSecondsMax)"))
        }
        return errors
    }
}
