// What autoscalers measure.

import APIModel
import JSON

/// The types of measurements and the members that hold them.
enum MetricType {
    static let members = [
        (type: "ContainerResource", member: "containerResource"),
        (type: "External", member: "external"),
        (type: "Object", member: "object"), (type: "Pods", member: "pods"),
        (type: "Resource", member: "resource"),
    ]
}

/// What makes a measurement and its target invalid beyond the schema.
struct MetricRules {
    let metric: JSONValue
    let path: FieldPath

    var errors: [FieldError] {
        let type = metric.text("type")
        // An empty type is the schema's matter.
        guard !type.isEmpty else { return [] }
        guard let known = MetricType.members.first(where: { $0.type == type }) else {
            return [
                .notSupported(
                    path.child("type"), .string(type), supported: MetricType.members.map(\.type))
            ]
        }
        var errors = MetricType.members.map(\.member).filter {
            $0 != known.member && metric.has($0)
        }.map {
            FieldError.forbidden(
                path.child($0), "must populate the given metric source only")
        }
        guard metric.has(known.member) else {
            errors.append(
                .required(
                    path.child(known.member),
                    "must populate information for the given metric source"))
            return errors
        }
        let source = metric[known.member] ?? .null
        errors += targetErrors(source["target"] ?? .null, type, path.child(known.member))
        if let selector = source[path: "metric", "selector"], !selector.isNull {
            errors += LabelSelector.errors(
                inObject: selector,
                at: path.child(known.member).child("metric").child("selector"))
        }
        return errors
    }

    private func targetErrors(
        _ target: JSONValue, _ type: String, _ source: FieldPath
    ) -> [FieldError] {
        let path = source.child("target")
        var errors = amountErrors(target, path)
        let targetType = target.text("type")
        if !targetType.isEmpty, !["Utilization", "Value", "AverageValue"].contains(targetType) {
            errors.append(
                .invalid(
                    path.child("type"), target["type"],
                    "must be either Utilization, Value, or AverageValue"))
        }
        return errors + choiceErrors(target, type, path)
    }

    /// Which of the target's amounts are there, and which should be.
    private func choiceErrors(
        _ target: JSONValue, _ type: String, _ path: FieldPath
    ) -> [FieldError] {
        let hasAverage = target.has("averageValue")
        let place = path.child("averageValue")
        switch type {
        case "Resource", "ContainerResource":
            return useErrors(target.has("averageUtilization"), hasAverage, path)
        case "Pods":
            return hasAverage
                ? [] : [.required(place, "must specify a positive target averageValue")]
        default:
            switch (target.has("value"), hasAverage) {
            case (false, false):
                return [
                    .required(
                        place, "must set either a target value for metric or a per-pod target")
                ]
            case (true, true) where type == "External":
                return [
                    .forbidden(
                        path.child("value"),
                        "may not set both a target value for metric and a per-pod target")
                ]
            default: return []
            }
        }
    }

    private func useErrors(
        _ hasUtilization: Bool, _ hasAverage: Bool, _ path: FieldPath
    ) -> [FieldError] {
        switch (hasUtilization, hasAverage) {
        case (false, false):
            [
                .required(
                    path.child("averageUtilization"),
                    "must set either a target raw value or a target utilization")
            ]
        case (true, true):
            [
                .forbidden(
                    path.child("averageValue"),
                    "may not set both a target raw value and a target utilization")
            ]
        default: []
        }
    }

    private func amountErrors(_ target: JSONValue, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        if let percent = target["averageUtilization"]?.int, percent < 1 {
            errors.append(
                .invalid(path.child("averageUtilization"), .int(percent), "must be greater than 0"))
        }
        for member in ["value", "averageValue"] {
            guard let amount = target[member]?.string.flatMap({ try? Quantity($0) }),
                amount.isNegative || amount.isZero
            else { continue }
            errors.append(.invalid(path.child(member), target[member], "must be positive"))
        }
        return errors
    }
}

/// What tables show of measurements: `cpu: 10%/80%`.
enum MetricCells {
    /// Measurements that are shown; more are only counted.
    private static let shownCountMax = 2

    static func targets(_ autoscaler: JSONValue) -> JSONValue {
        let metrics = autoscaler["spec"]?.list("metrics") ?? []
        if metrics.isEmpty { return CommonCells.none }
        let measured = autoscaler["status"]?.list("currentMetrics") ?? []
        let texts = metrics.enumerated().map { index, metric in
            text(metric, index < measured.count ? measured[index] : .null)
        }
        let shown = texts.prefix(shownCountMax).joined(separator: ", ")
        let more = texts.count - shownCountMax
        return .string(more > 0 ? "\(shown) + \(more) more..." : shown)
    }

    private static func text(_ metric: JSONValue, _ measured: JSONValue) -> String {
        let type = metric.text("type")
        guard let member = MetricType.members.first(where: { $0.type == type })?.member else {
            return "<unknown type>"
        }
        let (source, target) = (metric[member] ?? .null, metric[path: member, "target"] ?? .null)
        let current = measured[path: member, "current"] ?? .null
        switch type {
        case "Resource", "ContainerResource":
            let name =
                type == "Resource"
                ? source.text("name") : "\(source.text("name"))/\(source.text("container"))"
            return "\(name): \(amounts(current, target, withAverage: false))"
        default: return amounts(current, target, withAverage: true)
        }
    }

    private static func amounts(
        _ current: JSONValue, _ target: JSONValue, withAverage: Bool
    ) -> String {
        if let percent = target["averageUtilization"]?.int, !target.has("averageValue") {
            let now = current["averageUtilization"]?.int.map { "\($0)%" } ?? "<unknown>"
            return "\(now)/\(percent)%"
        }
        let isAverage = target.has("averageValue")
        let member = isAverage ? "averageValue" : "value"
        let now = current[member]?.string ?? "<unknown>"
        let mark = withAverage && isAverage ? " (avg)" : ""
        return "\(now)/\(target[member]?.string ?? "<auto>")\(mark)"
    }
}
